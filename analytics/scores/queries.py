"""Every read of tallies behind a report: few, fixed in number, already summed by the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections
from django.db.models import QuerySet, Sum, Value

from analytics.periods import Period
from analytics.scores.models import FunnelTally, Tally, TallyStamp, WeekTally
from analytics.scores.shapes import Parts
from analytics.scores.weeks import COLUMNS, monday_of, split
from feedback.models import Theme
from outbox.prepared import Lookup
from outbox.replica import using
from surveys.models import Segment

Counts = dict[int, int]
Histograms = dict[tuple[str, str], Counts]
FACETS = (
    "all", "quarantined", "segment", "channel", "language", "sentiment", "emotion", "theme",
    "mention", "any",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facets:
    """Histograms of one survey by (facet, key), of a period and of the one before."""

    now: Histograms
    before: Histograms

    def of(self, *, is_now: bool) -> Histograms:
        return self.now if is_now else self.before

    def keys(self, facet: str) -> list[str]:
        """Return the keys of a facet that occur in either period."""
        return sorted({key for name, key in (*self.now, *self.before) if name == facet})

    def at(self, facet: str, key: str = "") -> Counts:
        return self.now.get((facet, key), {})

    def was(self, facet: str, key: str = "") -> Counts:
        return self.before.get((facet, key), {})


def facets_of(
    surveys: Collection[int], period: Period, *, only: Collection[str] = FACETS
) -> dict[int, Facets]:
    """Return the histograms of several surveys in two queries; `only` limits the facets.

    Whole weeks are read as they were summed, the days around them one by one.
    """
    found = {survey: Facets({}, {}) for survey in surveys}
    before, now = period.before, period
    weeks_before, days_before = split(before.start, before.stop)
    weeks_now, days_now = split(now.start, now.stop)
    whole = _whole_weeks(surveys, only, weeks_before, weeks_now)
    for survey, facet, key, is_now, *counts in whole:
        _add(found[survey].of(is_now=bool(is_now)), (facet, key), dict(enumerate(counts)))
    single = (
        Tally.objects.filter(survey__in=surveys, facet__in=only, day__in=days_before + days_now)
        .order_by()
        .values_list("survey_id", "facet", "key", "day", "score", "count")
    )
    for survey, facet, key, day, score, n in single:
        _add(found[survey].of(is_now=day >= now.start), (facet, key), {score: n})
    return found


def _whole_weeks(
    surveys: Collection[int],
    facets: Collection[str],
    before: tuple[date, date],
    now: tuple[date, date],
) -> Sequence[Any]:
    """Return (survey, facet, key, is it now, eleven sums), of weeks as [first, end) Mondays.

    SQL, because the ORM takes longer to write eleven sums than the database to add them.
    """
    if not surveys:
        return []
    sums = ", ".join(f"SUM({column})" for column in COLUMNS)
    sql = f"""SELECT survey_id, facet, key, week >= %s, {sums} FROM {WeekTally._meta.db_table}
        WHERE survey_id IN ({_places(surveys)}) AND facet IN ({_places(facets)})
        AND week >= %s AND week < %s AND (week < %s OR week >= %s)
        GROUP BY 1, 2, 3, 4"""  # noqa: S608  names are ours
    days = [day.isoformat() for day in (now[0], before[0], now[1], before[1], now[0])]
    with connections[using()].cursor() as cursor:
        cursor.execute(sql, [days[0], *surveys, *facets, *days[1:]])
        return cursor.fetchall()


def _places(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _add(histograms: Histograms, name: tuple[str, str], counts: Counts) -> None:
    own = histograms.setdefault(name, {})
    for score, n in counts.items():
        if n:
            own[score] = own.get(score, 0) + n


def weeks_of(
    surveys: Collection[int], start: date, stop: date, *, facet: str = "all", key: str = ""
) -> dict[int, dict[date, Counts]]:
    """Return histograms by survey and Monday, in two queries."""
    found: dict[int, dict[date, Counts]] = {survey: {} for survey in surveys}
    whole, days = split(start, stop)
    wanted = {"survey__in": surveys, "facet": facet, "key": key}
    summed = WeekTally.objects.filter(week__gte=whole[0], week__lt=whole[1], **wanted)
    for survey, week, *counts in summed.values_list("survey_id", "week", *COLUMNS):
        found[survey][week] = {score: n for score, n in enumerate(counts) if n}
    single = Tally.objects.filter(day__in=days, **wanted)
    for survey, day, score, n in single.values_list("survey_id", "day", "score", "count"):
        own = found[survey].setdefault(monday_of(day), {})
        own[score] = own.get(score, 0) + n
    return found


FUNNEL = ("sent", "bounced", "doubtful", "opened", "answered", "commented")


def funnels_of(surveys: Collection[int], period: Period) -> dict[int, tuple[int, ...]]:
    """Return the counts named in FUNNEL of those invited in the period, by survey."""
    rows = (
        FunnelTally.objects.filter(survey__in=surveys, day__gte=period.start, day__lt=period.stop)
        .order_by()
        .values_list("survey_id")
        .annotate(**{f"{name}_sum": Sum(name) for name in FUNNEL})
    )
    return {survey: tuple(counts) for survey, *counts in rows}


def stamps_of(surveys: Collection[int]) -> dict[int, int | None]:
    """Return what names the tallies of each survey, None where nothing may be kept of them.

    To be read before them: tallies read afterwards are these or newer ones.
    """
    found = TallyStamp.objects.filter(pk__in=surveys).values_list("survey_id", "stamp")
    return dict.fromkeys(surveys) | dict(found)


_STAMP = Lookup(lambda survey: TallyStamp.objects.filter(pk=survey).values_list("stamp"))


def stamp_of(survey: int) -> int | None:
    """Return what `stamps_of` says of one survey."""
    found = _STAMP.get(survey)
    return found[0] if found else None


def _parts() -> QuerySet[Any, Any]:
    themes = Theme.objects.order_by().values_list("slug", "name", "is_active", Value(1))
    segments = Segment.objects.order_by().values_list("slug", "name", Value(True), Value(0))
    return themes.union(segments, all=True).order_by("name")


_PARTS = Lookup(_parts)


def parts() -> Parts:
    """Return the themes and segments there are, in one query."""
    rows = _PARTS.every()
    return Parts(
        tuple((slug, name) for slug, name, _in_use, is_theme in rows if is_theme),
        tuple((slug, name) for slug, name, in_use, is_theme in rows if is_theme and in_use),
        tuple((slug, name) for slug, name, _in_use, is_theme in rows if not is_theme),
    )


def theme_names() -> dict[str, str]:
    return dict(Theme.objects.values_list("slug", "name"))
