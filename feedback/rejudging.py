"""Judge history again by the rules in force: what would change is seen before it is applied.

A look and its application are the same walk through all answers with evidence;
only the second changes standings, in the name of the rules. What staff decided
stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from feedback import walking
from feedback.around import Found, judge_links
from feedback.evidence import VERSION
from feedback.models import Rejudging, Response, Submit
from feedback.standing import set_standings
from feedback.walking import Progress
from outbox.registry import Setback, Work
from outbox.transactions import write

REJUDGE = "rejudge"
BATCH = 500
_COUNTED, _HELD = Response.Standing.COUNTED, Response.Standing.QUARANTINED


class NotSeen(Exception):
    """What these rules would change has not been looked at yet."""


def look(*, by: str) -> Rejudging:
    """Find out in the background what the rules in force would change."""
    return walking.begin(Rejudging(rules=VERSION, created_by=by), REJUDGE)


def apply(*, by: str) -> Rejudging:
    """Change in the background what the look found. NotSeen when there was none by these rules."""
    if latest_look() is None:
        raise NotSeen(VERSION)
    return walking.begin(Rejudging(rules=VERSION, is_applied=True, created_by=by), REJUDGE)


def latest_look() -> Rejudging | None:
    """Return the newest walk if it is a finished look by the rules in force."""
    newest = Rejudging.objects.first()
    is_one = newest and newest.finished_at and not newest.is_overtaken and not newest.is_applied
    return newest if newest and is_one and newest.rules == VERSION else None


def running() -> Progress | None:
    """Return the walk that waits or runs."""
    row = Rejudging.objects.filter(finished_at__isnull=True).first()
    return walking.progress_of(row, REJUDGE) if row else None


def rejudge_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "rejudge": subject = re-judging; continues where it stopped."""
    return walking.walk_on(work, _one_step)


def with_evidence() -> QuerySet[Response]:
    """Return the answers that somebody posted; imported ones and those of the API were not."""
    posts = Submit.objects.filter(invitation=OuterRef("invitation"), is_in_force=True)
    return Response.objects.filter(Exists(posts))


def _one_step(rejudging_id: int) -> bool:
    row = Rejudging.objects.filter(pk=rejudging_id, finished_at__isnull=True).first()
    if row is None:
        return False
    if row.started_at is None:
        now, total = timezone.now(), with_evidence().count()
        _open(row).update(started_at=now, progressed_at=now, total=total)
        return True
    return _one_batch(row)


def _open(row: Rejudging) -> QuerySet[Rejudging]:
    return Rejudging.objects.filter(pk=row.pk, finished_at__isnull=True)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One answer, how it stands and how the rules in force find it. `by`: who of staff decided."""

    pk: int
    survey_id: int
    standing: str
    by: str
    found: Found

    @property
    def wanted(self) -> str:
        if self.by:
            return self.standing
        return _HELD if self.found.is_held else _COUNTED

    @property
    def is_changed(self) -> bool:
        return self.wanted != self.standing


def _one_batch(row: Rejudging) -> bool:
    """Judge the next answers; False when there are none and the walk is finished."""
    later = with_evidence().filter(pk__gt=row.last_id).order_by("pk")
    columns = ("pk", "invitation_id", "survey_id", "standing", "standing_by")
    rows = list(later.values_list(*columns)[:BATCH])
    if not rows:
        now = timezone.now()
        _open(row).update(finished_at=now, progressed_at=now)
        return False
    found = judge_links([invitation_id for _pk, invitation_id, *_rest in rows])
    judged = [
        _Judged(pk, survey_id, standing, by, found[invitation_id])
        for pk, invitation_id, survey_id, standing, by in rows
        if invitation_id in found
    ]
    with write():
        here = _open(row).filter(last_id=row.last_id)
        if here.update(last_id=rows[-1][0], progressed_at=timezone.now(), **_counts(row, judged)):
            _change(row, [each for each in judged if each.is_changed])
    return True


def _counts(row: Rejudging, judged: Sequence[_Judged]) -> dict[str, Any]:
    changed = [each for each in judged if each.is_changed]
    held = Counter(c for e in changed if e.wanted == _HELD for c in e.found.reasons.split(","))
    return {
        "done": F("done") + len(judged),
        "decided": F("decided") + sum(bool(each.by) for each in judged),
        "changed": F("changed") + len(changed),
        "freed": F("freed") + sum(each.wanted == _COUNTED for each in changed),
        "by_survey": _by_survey(row.by_survey, judged),
        "by_reason": dict(Counter(row.by_reason) + held),
    }


def _by_survey(before: Mapping[str, Sequence[int]], judged: Iterable[_Judged]) -> dict[str, Any]:
    counts = {survey: list(three) for survey, three in before.items()}
    for each in judged:
        three = counts.setdefault(str(each.survey_id), [0, 0, 0])
        three[0] += 1
        three[1] += each.standing == _HELD
        three[2] += each.wanted == _HELD
    return counts


def _change(row: Rejudging, changed: Sequence[_Judged]) -> None:
    if not row.is_applied:
        return
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in changed:
        groups[each.wanted, each.found.reasons].append(each.pk)
    done = 0
    for (standing, reasons), ids in groups.items():
        # Staff may have decided since the batch was read.
        pks = list(Response.objects.filter(pk__in=ids, standing_by="").values_list("pk", flat=True))
        done += len(set_standings(pks, standing, by="", reasons=reasons))
    if missed := len(changed) - done:
        _open(row).update(changed=F("changed") - missed, decided=F("decided") + missed)
