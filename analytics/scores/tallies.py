"""Count the responses of touched (survey, day) buckets anew and replace their tallies.

Repeatable and never drifting: nothing is added, everything is recounted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from analytics.scores.models import FunnelTally, Tally
from feedback.models import Emotion, LinkOpen, Mention, Response
from outbox.days import day_bounds
from outbox.registry import Setback, Work
from outbox.transactions import write
from surveys.models import Invitation
from surveys.segments import all_segments

Row = tuple[str, int, int]  # key, score, count
_COUNTED = Q(standing=Response.Standing.COUNTED)


def recount_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "tally": subject = survey, detail = ISO day."""
    for item in work:
        recount(item.subject_id, date.fromisoformat(item.detail))
    return ()


def recount(survey_id: int, day: date) -> None:
    """Replace all tallies of one survey and day."""
    with write():
        rows = [
            Tally(survey_id=survey_id, day=day, facet=facet, key=key, score=score, count=count)
            for facet, counted in _facets(survey_id, day)
            for key, score, count in counted
        ]
        Tally.objects.filter(survey_id=survey_id, day=day).delete()
        Tally.objects.bulk_create(rows, batch_size=500)
        recount_funnel(survey_id, day)


def _facets(survey_id: int, day: date) -> Iterable[tuple[str, Iterable[Row]]]:
    bucket = Response.objects.filter(survey_id=survey_id, submitted_date=day)
    counted = bucket.filter(_COUNTED)
    yield "all", _count(counted.annotate(key=Value("")))
    yield "quarantined", _count(bucket.exclude(_COUNTED).annotate(key=Value("")))
    yield "channel", _count(counted.annotate(key=F("channel")))
    for facet, column in (("language", "language"), ("sentiment", "sentiment")):
        # Responses without words have no sentiment; they are not "unscored comments".
        said = counted.exclude(comment="").filter(reading__isnull=False)
        yield facet, _count(said.annotate(key=F(f"reading__{column}")))
    for segment, test in all_segments():
        yield "segment", _count(counted.filter(test).annotate(key=Value(segment.slug)))
    of_bucket = {f"response__{name}": value for name, value in _bucket(survey_id, day).items()}
    yield "emotion", _count_related(Emotion.objects.filter(**of_bucket), F("name"))
    mentions = Mention.objects.filter(**of_bucket)
    yield "theme", _count_related(mentions, F("theme__slug"))
    yield "mention", _count_related(mentions, Concat("theme__slug", Value(":"), "sentiment"))


def _bucket(survey_id: int, day: date) -> dict[str, object]:
    return {
        "survey_id": survey_id,
        "submitted_date": day,
        "standing": Response.Standing.COUNTED,
    }


def _count(responses: QuerySet) -> Iterable[Row]:  # type: ignore[type-arg]
    return responses.order_by().values_list("key", "score").annotate(n=Count("pk"))


def _count_related(rows: QuerySet, key: object) -> Iterable[Row]:  # type: ignore[type-arg]
    """Count distinct responses per key and score: two words of one theme are one mention."""
    return (
        rows.annotate(key=key)
        .order_by()
        .values_list("key", "response__score")
        .annotate(n=Count("response_id", distinct=True))
    )


def recount_funnel(survey_id: int, day: date) -> None:
    """Replace the funnel of the invitations one survey sent on one day."""
    start, end = day_bounds(day)
    counts = funnel_counts(
        Invitation.objects.filter(survey_id=survey_id, sent_at__gte=start, sent_at__lt=end)
    )
    FunnelTally.objects.filter(survey_id=survey_id, day=day).delete()
    if counts["sent"]:
        FunnelTally.objects.create(survey_id=survey_id, day=day, **counts)


def funnel_counts(asked: QuerySet) -> dict[str, int]:  # type: ignore[type-arg]
    """Count how far these invitations came; the keys are FunnelTally's columns."""
    opened = Exists(LinkOpen.objects.filter(invitation=OuterRef("pk")))
    state = Invitation.State
    answered = Q(response__standing=Response.Standing.COUNTED)
    return asked.annotate(was_opened=opened).aggregate(
        sent=Count("pk"),
        bounced=Count("pk", filter=Q(state=state.BOUNCED)),
        doubtful=Count("pk", filter=Q(state=state.DOUBTFUL)),
        opened=Count("pk", filter=Q(was_opened=True) | answered),
        answered=Count("pk", filter=answered),
        commented=Count("pk", filter=answered & ~Q(response__comment="")),
    )
