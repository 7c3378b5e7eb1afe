"""Judge history again by the rules in force: what would change is seen before it is applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from feedback.evidence import Trace, judge
from feedback.models import Response, Submit
from feedback.standing import MOST_AT_ONCE, set_standings
from outbox.transactions import write

_COUNTED, _HELD = Response.Standing.COUNTED, Response.Standing.QUARANTINED


@dataclass(frozen=True, slots=True)
class Change:
    """An answer the rules in force would treat otherwise; `reasons` of the new judgement."""

    response_id: int
    survey: str
    score: int
    standing: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """`judged` answers have evidence; `decided` of them were settled by staff and stay."""

    judged: int
    decided: int
    changes: tuple[Change, ...]


def rejudge() -> Rejudgement:
    """Return what judging all evidence again would change; nothing is written.

    An answer is a person's when any post in force to its link is.
    """
    posts = Submit.objects.filter(is_in_force=True, invitation__response__isnull=False)
    verdicts: dict[int, list[tuple[bool, str]]] = defaultdict(list)
    for invitation_id, trace in posts.values_list("invitation_id", "trace").iterator(2000):
        found = judge(Trace(**trace))
        verdicts[invitation_id].append((found.is_held, ",".join(found.reasons)))
    rows = Response.objects.filter(invitation__submits__is_in_force=True).distinct().order_by("pk")
    columns = ("pk", "invitation_id", "survey__slug", "score", "standing", "standing_by")
    changes, decided = [], 0
    for pk, invitation_id, survey, score, standing, by in rows.values_list(*columns).iterator(2000):
        if by:
            decided += 1
            continue
        is_held, reasons = min(verdicts[invitation_id], default=(False, ""))
        wanted = _HELD if is_held else _COUNTED
        if wanted != standing:
            changes.append(Change(pk, survey, score, wanted, reasons))
    return Rejudgement(len(verdicts), decided, tuple(changes))


def apply(changes: Iterable[Change]) -> int:
    """Make these changes in the name of the rules; return how many took effect."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for change in changes:
        groups[change.standing, change.reasons].append(change.response_id)
    done = 0
    for (standing, reasons), ids in groups.items():
        for start in range(0, len(ids), MOST_AT_ONCE):
            with write():
                batch = ids[start : start + MOST_AT_ONCE]
                # Staff may have decided since it was shown.
                open_ids = Response.objects.filter(pk__in=batch, standing_by="")
                pks = list(open_ids.values_list("pk", flat=True))
                done += len(set_standings(pks, standing, by="", reasons=reasons))
    return done
