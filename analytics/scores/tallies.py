"""Count the responses of touched (survey, day) buckets anew and replace their tallies.

Repeatable and never drifting: nothing is added, everything is recounted.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from analytics.scores.closing import close_wanted
from analytics.scores.models import FunnelTally, Tally, TallyStamp
from analytics.scores.reach import BOUNCED, DOUBTFUL, REACHED, with_opens
from analytics.scores.weeks import sum_weeks
from feedback.models import Emotion, Mention, Response, Theme
from outbox.days import day_bounds, zone
from outbox.jobs import enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write
from surveys.models import Invitation
from surveys.segments import all_segments

Row = tuple[date, str, int, int]  # day, key, score, count
_COUNTED = Q(standing=Response.Standing.COUNTED)


def recount_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "tally": subject = survey, detail = ISO day."""
    days = defaultdict(set)
    for item in work:
        days[item.subject_id].add(date.fromisoformat(item.detail))
    for survey_id, touched in sorted(days.items()):
        recount(survey_id, touched)
        enqueue(close_wanted(survey_id, touched))
    return ()


def recount(survey_id: int, days: Iterable[date]) -> None:
    """Replace all tallies of one survey on these days: a fixed number of statements."""
    touched = sorted(set(days))
    with write():
        rows = [
            Tally(survey_id=survey_id, day=day, facet=facet, key=key, score=score, count=count)
            for facet, counted in _facets(survey_id, touched)
            for day, key, score, count in counted
        ]
        Tally.objects.filter(survey_id=survey_id, day__in=touched).delete()
        Tally.objects.bulk_create(rows, batch_size=500)
        recount_funnels(survey_id, touched)
        sum_weeks(survey_id, touched)
        _stamp(survey_id)


def _stamp(survey_id: int) -> None:
    """Tell readers that what they kept of this survey's tallies is over."""
    row = TallyStamp(survey_id=survey_id, stamp=secrets.randbits(63))
    TallyStamp.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["survey"], update_fields=["stamp"]
    )


def _facets(survey_id: int, days: Sequence[date]) -> Iterable[tuple[str, Iterable[Row]]]:
    bucket = Response.objects.filter(survey_id=survey_id, submitted_date__in=days)
    counted = bucket.filter(_COUNTED)
    yield "all", _count(counted, Value(""))
    yield "quarantined", _count(bucket.exclude(_COUNTED), Value(""))
    yield "channel", _count(counted, F("channel"))
    # Responses without words have no sentiment; they are not "unscored comments".
    said = counted.exclude(comment="").filter(reading__isnull=False)
    yield "language", _count(said, F("reading__language"))
    yield "sentiment", _count(said, F("reading__sentiment"))
    for segment, test in all_segments():
        yield "segment", _count(counted.filter(test), Value(segment.slug))
    # A comment may touch several themes: how many touch any is no sum of them.
    for key, found in (("theme", Mention), ("emotion", Emotion)):
        yield "any", _count(said.filter(having(found)), Value(key))
    of_bucket: dict[str, Any] = {
        "response__survey_id": survey_id,
        "response__submitted_date__in": days,
        "response__standing": Response.Standing.COUNTED,
    }
    yield "emotion", _count_related(Emotion.objects.filter(**of_bucket), "name")
    # By number: the database sorts all mentions to count people once, and words sort slowly.
    mentions = Mention.objects.filter(**of_bucket)
    themes = list(_count_related(mentions, "theme_id"))
    spoken = list(_count_related(mentions, "theme_id", "sentiment"))
    # Named last: a theme that is gone by then has no mentions any more.
    slugs = dict(Theme.objects.values_list("pk", "slug"))
    yield "theme", [(day, slugs[pk], score, n) for day, pk, score, n in themes if pk in slugs]
    yield (
        "mention",
        [
            (day, f"{slugs[pk]}:{said}", score, n)
            for day, pk, said, score, n in spoken
            if pk in slugs
        ],
    )


def having(found: type[Mention | Emotion]) -> Exists:
    """Return the test of a response in which at least one of these was found."""
    return Exists(found._default_manager.filter(response=OuterRef("pk")))


def _count(responses: QuerySet, key: Any) -> Iterable[Row]:  # type: ignore[type-arg]
    grouped = responses.annotate(key=key).order_by().values_list("submitted_date", "key", "score")
    return grouped.annotate(n=Count("pk"))


def _count_related(rows: QuerySet, *keys: str) -> Iterable[Any]:  # type: ignore[type-arg]
    """Count distinct responses by day, keys and score: two words of a theme are one mention."""
    columns = ("response__submitted_date", *keys, "response__score")
    return rows.order_by().values_list(*columns).annotate(n=Count("response_id", distinct=True))


def recount_funnels(survey_id: int, days: Sequence[date]) -> None:
    """Replace the funnels of the invitations one survey sent on these days."""
    start, end = day_bounds(days[0])[0], day_bounds(days[-1])[1]
    asked = Invitation.objects.filter(survey_id=survey_id, sent_at__gte=start, sent_at__lt=end)
    by_day = asked.annotate(day=TruncDate("sent_at", tzinfo=zone())).filter(day__in=days)
    counts = with_opens(by_day).order_by().values("day").annotate(**funnel_columns())
    FunnelTally.objects.filter(survey_id=survey_id, day__in=days).delete()
    FunnelTally.objects.bulk_create(FunnelTally(survey_id=survey_id, **row) for row in counts)


def funnel_columns() -> dict[str, Count]:
    """Return how far an invitation came, as counts; needs `with_opens`; keys are columns."""
    steps = {"sent": REACHED["sent"], "bounced": BOUNCED, "doubtful": DOUBTFUL}
    steps |= {step: REACHED[step] for step in ("opened", "answered", "commented")}
    return {step: Count("pk", filter=test or None) for step, test in steps.items()}


def funnel_counts(asked: QuerySet) -> dict[str, int]:  # type: ignore[type-arg]
    """Count how far these invitations (`reach.with_opens`) came; keys are FunnelTally's columns."""
    return asked.aggregate(**funnel_columns())
