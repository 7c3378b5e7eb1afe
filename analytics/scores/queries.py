"""Every read of tallies behind a report: few, fixed in number, already summed by the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.db.models.functions import TruncWeek

from analytics.periods import Period
from analytics.scores.models import FunnelTally, Tally
from feedback.models import Theme
from surveys.models import Segment

Counts = dict[int, int]


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
    surveys: Collection[int], start: date, stop: date, *, facet: str = "all", key: str = ""
) -> dict[int, dict[date, Counts]]:
    """Return histograms by survey and Monday, in one query."""
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


def segment_names() -> dict[str, str]:
    return dict(Segment.objects.values_list("slug", "name"))


def theme_names() -> dict[str, str]:
    return dict(Theme.objects.values_list("slug", "name"))
