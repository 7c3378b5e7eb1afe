"""The newest comments that matter: unhappy people nobody has looked at, drops, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from feedback.inbox import Filters, matching, waiting
from feedback.models import Mention, Response, Sentiment
from feedback.passages import Passage, passages
from surveys.scales import Band

MOST = 5
EXCERPT = 260
_LOOKED_THROUGH = 30


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment worth reading first; `why` says what made it so, "" for simply new."""

    response: Response
    band: Band
    passages: Sequence[Passage]
    why: str
    is_urgent: bool


def comments_to_read(*, most: int = MOST) -> list[Comment]:
    """Return the comments to read first, in a fixed number of queries."""
    newest = _readable(Response.objects.all())[:_LOOKED_THROUGH]
    candidates = {response.pk: response for response in newest}
    for response in _readable(waiting())[:most]:
        candidates.setdefault(response.pk, response)
    earlier = _earlier_scores(candidates.values())
    weighed = [
        (response, _reason(response, earlier.get(response.pk))) for response in candidates.values()
    ]
    weighed.sort(key=lambda pair: (-pair[1].weight, -pair[0].submitted_at.timestamp()))
    chosen = weighed[:most]
    prefetch_related_objects([response for response, _why in chosen], _MENTIONS)
    return [_comment(response, reason) for response, reason in chosen]


def comments_behind(filters: Filters, *, most: int = 8) -> list[Comment]:
    """Return the newest comments of these filters."""
    found = _readable(matching(filters)).prefetch_related(_MENTIONS)[:most]
    return [_comment(response, _reason(response, None)) for response in found]


def comments_of(response_ids: Iterable[int]) -> list[Comment]:
    """Return the comments of these responses that are still there and counted."""
    found = _readable(Response.objects.filter(pk__in=list(response_ids)))
    return [
        _comment(response, _reason(response, None))
        for response in found.prefetch_related(_MENTIONS)
    ]


_MENTIONS = Prefetch(
    "mentions",
    Mention.objects.select_related("theme").only("response_id", "start", "end", "theme__name"),
)
# What a page or a mail shows of a comment: half the time of these rows is in columns nobody reads.
_SHOWN = (
    "score", "comment", "standing", "version", "submitted_at",
    "survey__kind", "survey__slug", "survey__name",
    "contact__name", "contact__email", "customer__name",
    "reading__sentiment", "reading__clauses", "reading__response_version", "seen__by",
)  # fmt: skip


def _readable(found: QuerySet[Response]) -> QuerySet[Response]:
    return (
        found.filter(standing=Response.Standing.COUNTED, reading__isnull=False)
        .exclude(comment="")
        .select_related("survey", "contact", "customer", "reading", "seen")
        .only(*_SHOWN)
        .order_by("-submitted_at", "-id")
    )


def _earlier_scores(responses: Iterable[Response]) -> dict[int, int]:
    """Return the score each person gave the same survey last time, by response."""
    listed = list(responses)
    contacts = {response.contact_id for response in listed if response.contact_id}
    rows = Response.objects.filter(
        contact__in=contacts, standing=Response.Standing.COUNTED
    ).values_list("contact_id", "survey_id", "submitted_at", "score")
    history: dict[tuple[int | None, int], list[tuple[datetime, int]]] = {}
    for contact, survey, at, score in rows.order_by("submitted_at"):
        history.setdefault((contact, survey), []).append((at, score))
    found = {}
    for response in listed:
        before = [
            score
            for at, score in history.get((response.contact_id, response.survey_id), [])
            if at < response.submitted_at
        ]
        if before:
            found[response.pk] = before[-1]
    return found


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a comment should be read: the heavier, the earlier; `why` as of Comment."""

    weight: int
    why: str
    is_urgent: bool


def _reason(response: Response, last: int | None) -> _Reason:
    """Weigh a comment; `last` is what the person scored the time before."""
    scale = response.survey.scale
    tone = scale.band_of(response.score).tone
    is_unhappy = response.reading.sentiment in (Sentiment.NEGATIVE, Sentiment.MIXED)
    found = _Reason(0, "", False)
    if last is not None and scale.band_of(last).tone == "positive" and tone == "negative":
        why = _("Dropped from %(before)s to %(now)s") % {
            "before": scale.label_of(last),
            "now": scale.label_of(response.score),
        }
        found = _Reason(3, why, True)
    elif is_unhappy and tone == "negative":
        found = _Reason(2, _("Unhappy"), False)
    elif is_unhappy and tone == "positive":
        found = _Reason(1, _("Good score, unhappy words"), False)
    if hasattr(response, "seen"):
        return _Reason(found.weight - 3, _("Seen by %s") % response.seen.by, False)
    return found


def _comment(response: Response, reason: _Reason) -> Comment:
    return Comment(
        response,
        response.survey.scale.band_of(response.score),
        passages(
            response.comment,
            response.reading.clauses
            if response.reading.response_version == response.version
            else (),
            [(m.start, m.end, m.theme.name) for m in response.mentions.all()],
            most=EXCERPT,
        ),
        reason.why,
        reason.is_urgent,
    )
