"""Every read of tallies behind a report: few, fixed in number, already summed by the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat, TruncWeek

from analytics.periods import Period
from analytics.scores.models import FunnelTally, Tally
from analytics.scores.tallies import funnel_counts
from feedback.models import Mention, Response, Theme
from outbox.days import day_bounds
from surveys.models import Invitation, Segment, SegmentCondition, Survey
from surveys.segments import segment_q

Counts = dict[int, int]
COMBINE_UP_TO = 50_000
"""Answers of a segment up to which its themes are counted on the spot (they are not tallied)."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Histograms of one survey by (facet, key), of a period and of the one before."""

    now: dict[tuple[str, str], Counts]
    before: dict[tuple[str, str], Counts]

    def keys(self, facet: str) -> list[str]:
        """Return the keys of a facet that occur in either period."""
        return sorted({key for name, key in (*self.now, *self.before) if name == facet})

    def at(self, facet: str, key: str = "") -> Counts:
        return self.now.get((facet, key), {})

    def was(self, facet: str, key: str = "") -> Counts:
        return self.before.get((facet, key), {})


def facets_of(
    surveys: Collection[int], period: Period, *, only: Collection[str] = ()
) -> dict[int, Facets]:
    """Return the histograms of several surveys in one query; `only` limits the facets."""
    rows = Tally.objects.filter(survey__in=surveys, **_within(period.before.start, period.stop))
    if only:
        rows = rows.filter(facet__in=only)
    summed = (
        rows.order_by()
        .values_list("survey_id", "facet", "key", "score")
        .annotate(
            now=Sum("count", filter=Q(day__gte=period.start)),
            was=Sum("count", filter=Q(day__lt=period.start)),
        )
    )
    found = {survey: Facets({}, {}) for survey in surveys}
    for survey, facet, key, score, now, was in summed:
        if now:
            found[survey].now.setdefault((facet, key), {})[score] = now
        if was:
            found[survey].before.setdefault((facet, key), {})[score] = was
    return found


def _within(start: date, stop: date) -> dict[str, date]:
    return {"day__gte": start, "day__lt": stop}


def weeks_of(
    surveys: Collection[int], start: date, stop: date, *, segment: str = ""
) -> dict[int, dict[date, Counts]]:
    """Return histograms by survey and Monday, in one query."""
    facet, key = ("segment", segment) if segment else ("all", "")
    rows = (
        Tally.objects.filter(survey__in=surveys, facet=facet, key=key, **_within(start, stop))
        .annotate(week=TruncWeek("day"))
        .order_by()
        .values_list("survey_id", "week", "score")
        .annotate(n=Sum("count"))
    )
    found: dict[int, dict[date, Counts]] = {survey: defaultdict(dict) for survey in surveys}
    for survey, week, score, n in rows:
        found[survey][week][score] = n
    return found


FUNNEL = ("sent", "bounced", "doubtful", "opened", "answered", "commented")


def funnels_of(surveys: Collection[int], period: Period) -> dict[int, tuple[int, ...]]:
    """Return the counts named in FUNNEL of those invited in the period, by survey."""
    rows = (
        FunnelTally.objects.filter(survey__in=surveys, **_within(period.start, period.stop))
        .order_by()
        .values_list("survey_id")
        .annotate(**{f"{name}_sum": Sum(name) for name in FUNNEL})
    )
    return {survey: tuple(counts) for survey, *counts in rows}


def segment_test(slug: str) -> Q:
    """Return the condition of one segment on answers; LookupError when there is none."""
    if not Segment.objects.filter(slug=slug).exists():
        raise LookupError(f"segment: there is no {slug!r}")
    return segment_q(SegmentCondition.objects.filter(segment__slug=slug))


def combined_facets(survey: Survey, period: Period, test: Q) -> Facets:
    """Count sentiment, theme and mention of one segment's answers where they lie.

    Combinations are not tallied, so these three queries read the answers of
    two periods: the caller keeps within COMBINE_UP_TO.
    """
    counted = Response.objects.filter(
        test,
        survey=survey,
        standing=Response.Standing.COUNTED,
        submitted_date__gte=period.before.start,
        submitted_date__lt=period.stop,
    )
    found = Facets({}, {})
    said = counted.exclude(comment="").filter(reading__isnull=False)
    _add(found, said.values_list(Value("sentiment"), "reading__sentiment", "score"), period)
    mentions = Mention.objects.filter(response__in=counted)
    _add(
        found,
        mentions.values_list(Value("theme"), "theme__slug", "response__score"),
        period,
        path="response__",
    )
    speaking = Concat("theme__slug", Value(":"), "sentiment")
    _add(
        found,
        mentions.values_list(Value("mention"), speaking, "response__score"),
        period,
        path="response__",
    )
    return found


def _add(
    found: Facets,
    rows: QuerySet,  # type: ignore[type-arg]
    period: Period,
    *,
    path: str = "",
) -> None:
    """Count distinct answers of rows (facet, key, score) in both periods."""
    day, answer = f"{path}submitted_date", "response_id" if path else "pk"
    counted = rows.order_by().annotate(
        now=Count(answer, distinct=True, filter=Q(**{f"{day}__gte": period.start})),
        was=Count(answer, distinct=True, filter=Q(**{f"{day}__lt": period.start})),
    )
    for facet, key, score, now, was in counted:
        if now:
            found.now.setdefault((facet, key), {})[score] = now
        if was:
            found.before.setdefault((facet, key), {})[score] = was


def combined_funnel(survey: Survey, period: Period, test: Q) -> tuple[int, ...]:
    """Return the counts named in FUNNEL for the invited of one segment."""
    start, _ = day_bounds(period.start)
    stop, _ = day_bounds(period.stop)
    asked = Invitation.objects.filter(test, survey=survey, sent_at__gte=start, sent_at__lt=stop)
    counts = funnel_counts(asked)
    return tuple(counts[name] for name in FUNNEL)


def segment_names() -> dict[str, str]:
    return dict(Segment.objects.values_list("slug", "name"))


def theme_names() -> dict[str, str]:
    return dict(Theme.objects.values_list("slug", "name"))
