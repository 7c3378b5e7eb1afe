"""The newest comments that matter: unhappy people nobody has looked at, drops, then the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from feedback.inbox import Filters, matching, waiting
from feedback.models import Mention, Response, Sentiment
from feedback.passages import Passage, Span, passages
from outbox.days import zone
from outbox.prepared import Lookup
from surveys.scales import SCALES, Band, Scale

MOST = 5
EXCERPT = 260
_LOOKED_THROUGH = 30
_MENTIONS = Lookup(
    lambda responses: (
        Mention.objects.filter(response__any_of=responses)
        .order_by()
        .values_list("response_id", "start", "end", "theme__name")
    )
)


class Chip(NamedTuple):
    """A score as its chip shows it: nothing of the person, so the chip is drawn once."""

    kind: str
    score: int

    @property
    def scale(self) -> Scale:
        return SCALES[self.kind]

    @property
    def band(self) -> Band:
        return self.scale.band_of(self.score)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment worth reading first; `why` says what made it so, "" for simply new.

    `id` is the response's, `who` the person's name or address, "" for nobody known.
    """

    id: int
    survey: str
    chip: Chip
    who: str
    customer: str
    at: datetime
    passages: Sequence[Passage]
    why: str
    is_urgent: bool


def comments_to_read(*, most: int = MOST) -> list[Comment]:
    """Return the comments to read first, in a fixed number of queries."""
    newest = _rows(Response.objects.all(), most=_LOOKED_THROUGH)
    candidates = {row.id: row for row in newest}
    for row in _rows(waiting(), most=most):
        candidates.setdefault(row.id, row)
    earlier = _earlier_scores(candidates.values())
    weighed = [(row, _reason(row, earlier.get(row.id))) for row in candidates.values()]
    weighed.sort(key=lambda pair: (-pair[1].weight, -pair[0].at.timestamp()))
    return _comments(weighed[:most])


def comments_behind(filters: Filters, *, most: int = 8) -> list[Comment]:
    """Return the newest comments of these filters."""
    found = _kept_statement(filters, most, zone()).every() if _is_lasting(filters) else None
    rows = _rows(matching(filters), most=most) if found is None else [_Row(*row) for row in found]
    return _comments([(row, _reason(row, None)) for row in rows])


def _is_lasting(filters: Filters) -> bool:
    """Say whether nothing but its filters decides the statement: no segment, no scale, no clock."""
    return not (filters.segment or filters.band or filters.show == "new")


@lru_cache(maxsize=256)
def _kept_statement(filters: Filters, most: int, _zone: ZoneInfo) -> Lookup[tuple[Any, ...]]:
    """Return the statement behind one view of a survey; many people open the same one."""
    return Lookup(lambda: _newest(matching(filters), most=most), is_planned=False)


def comments_of(response_ids: Sequence[int]) -> list[Comment]:
    """Return the comments of these responses that are still there and counted."""
    found = _rows(Response.objects.filter(pk__in=response_ids), most=len(response_ids))
    return _comments([(row, _reason(row, None)) for row in found])


class _Row(NamedTuple):
    """What is shown of a comment: rows, for six models a comment take longer than the page."""

    id: int
    contact: int | None
    survey: int
    score: int
    comment: str
    version: int
    at: datetime
    kind: str
    survey_name: str
    name: str | None
    email: str | None
    customer: str | None
    sentiment: str
    clauses: list[Any]
    read_version: int
    seen_by: str | None

    @property
    def scale(self) -> Scale:
        return SCALES[self.kind]


_FIELDS = (
    "pk", "contact_id", "survey_id", "score", "comment", "version", "submitted_at",
    "survey__kind", "survey__name", "contact__name", "contact__email", "customer__name",
    "reading__sentiment", "reading__clauses", "reading__response_version", "seen__by",
)  # fmt: skip


def _rows(found: QuerySet[Response], *, most: int) -> list[_Row]:
    return [_Row(*row) for row in _newest(found, most=most)]


def _newest(found: QuerySet[Response], *, most: int) -> QuerySet[Response, tuple[Any, ...]]:
    rows = found.filter(standing=Response.Standing.COUNTED, reading__isnull=False)
    listed = rows.exclude(comment="").order_by("-submitted_at", "-id").values_list(*_FIELDS)
    return listed[:most]


def _earlier_scores(listed: Collection[_Row]) -> dict[int, int]:
    """Return the score each person gave the same survey last time, by response."""
    contacts = {row.contact for row in listed if row.contact}
    rows = Response.objects.filter(
        contact__in=contacts, standing=Response.Standing.COUNTED
    ).values_list("contact_id", "survey_id", "submitted_at", "score")
    history: dict[tuple[int | None, int], list[tuple[datetime, int]]] = {}
    for contact, survey, at, score in rows.order_by("submitted_at"):
        history.setdefault((contact, survey), []).append((at, score))
    found = {}
    for row in listed:
        before = [score for at, score in history.get((row.contact, row.survey), []) if at < row.at]
        if before:
            found[row.id] = before[-1]
    return found


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a comment should be read: the heavier, the earlier; `why` as of Comment."""

    weight: int
    why: str
    is_urgent: bool


def _reason(row: _Row, last: int | None) -> _Reason:
    """Weigh a comment; `last` is what the person scored the time before."""
    scale = row.scale
    tone = scale.band_of(row.score).tone
    is_unhappy = row.sentiment in (Sentiment.NEGATIVE, Sentiment.MIXED)
    found = _Reason(0, "", False)
    if last is not None and scale.band_of(last).tone == "positive" and tone == "negative":
        why = _("Dropped from %(before)s to %(now)s") % {
            "before": scale.label_of(last),
            "now": scale.label_of(row.score),
        }
        found = _Reason(3, why, True)
    elif is_unhappy and tone == "negative":
        found = _Reason(2, _("Unhappy"), False)
    elif is_unhappy and tone == "positive":
        found = _Reason(1, _("Good score, unhappy words"), False)
    if row.seen_by is not None:
        return _Reason(found.weight - 3, _("Seen by %s") % row.seen_by, False)
    return found


def _comments(chosen: Sequence[tuple[_Row, _Reason]]) -> list[Comment]:
    mentions: dict[int, list[Span]] = {}
    for response, *span in _MENTIONS.every([row.id for row, _reason in chosen]):
        mentions.setdefault(response, []).append(tuple(span))  # type: ignore[arg-type]
    return [_comment(row, reason, mentions.get(row.id, ())) for row, reason in chosen]


def _comment(row: _Row, reason: _Reason, mentions: Sequence[Span]) -> Comment:
    clauses = row.clauses if row.read_version == row.version else ()
    return Comment(
        id=row.id,
        survey=row.survey_name,
        chip=Chip(row.kind, row.score),
        who=row.name or row.email or "",
        customer=row.customer or "",
        at=row.at,
        passages=passages(row.comment, clauses, mentions, most=EXCERPT),
        why=reason.why,
        is_urgent=reason.is_urgent,
    )
