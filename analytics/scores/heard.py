"""What all surveys together heard, by calendar month: comments, and who of the asked answered.

The whole comes from the tallies in three queries, however many months; within
a segment, which is not tallied by sentiment or theme, from the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncMonth

from analytics.periods import Period, month_of
from analytics.scores.combining import COMBINE_UP_TO, TooMany
from analytics.scores.models import FunnelTally, Tally, WeekTally
from analytics.scores.queries import FUNNEL
from analytics.scores.reach import with_opens
from analytics.scores.slices import Slice, invited_q, slice_q
from analytics.scores.tallies import funnel_columns, having
from analytics.scores.weeks import COLUMNS, split
from feedback.models import Emotion, Mention, Response
from outbox.days import day_bounds, zone
from surveys.models import Invitation

FACETS = ("all", "sentiment", "theme", "emotion", "any")
Name = tuple[int, str, str]
"""Survey, facet, key."""
Row = tuple[int, date, str, str, int]  # survey, month, facet, key, count
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """Answers (facet "all") and comments of some days by survey, facet and key; and funnels.

    A funnel holds the counts named in `queries.FUNNEL` of those invited on
    these days, by survey.
    """

    counts: Mapping[Name, int]
    funnels: Mapping[int, tuple[int, ...]]

    def of(self, facet: str) -> dict[str, int]:
        """Return key -> count of all surveys together."""
        found: Counter[str] = Counter()
        for (_survey, name, key), n in self.counts.items():
            if name == facet:
                found[key] += n
        return dict(found)

    def only(self, survey: int) -> Heard:
        """Return the part of one survey."""
        own = {name: n for name, n in self.counts.items() if name[0] == survey}
        return Heard(own, {key: steps for key, steps in self.funnels.items() if key == survey})

    @property
    def surveys(self) -> list[int]:
        """Return the surveys that have anything here, by number."""
        return sorted({survey for survey, _facet, _key in self.counts} | set(self.funnels))

    @property
    def funnel(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(*self.funnels.values(), strict=True))) or (0,) * len(FUNNEL)


def heard(period: Period, *, segment: str = "") -> Heard:
    """Return what was heard on the days of a period. As heard_by_month."""
    counts: Counter[Name] = Counter()
    funnels: dict[int, tuple[int, ...]] = {}
    for month in heard_by_month(period, segment=segment).values():
        counts.update(month.counts)
        for survey, steps in month.funnels.items():
            before = funnels.get(survey, (0,) * len(steps))
            funnels[survey] = tuple(map(sum, zip(before, steps, strict=True)))
    return Heard(counts, funnels)


def heard_by_month(period: Period, *, segment: str = "") -> dict[date, Heard]:
    """Return first day of a month -> what was heard on its days within the period.

    TooMany when a segment may hold more answers than are counted on the spot.
    """
    months = {month.start.replace(day=1): Heard({}, {}) for month in months_of(period)}
    if segment:
        _keep_within(period, segment)
        rows, funnels = _told(period, segment), _invited(period, segment)
    else:
        rows, funnels = _tallied(period, FACETS), _funnels(period)
    counts: dict[date, Counter[Name]] = {first: Counter() for first in months}
    for survey, month, facet, key, n in rows:
        counts[month][survey, facet, key] += n
    came: dict[date, dict[int, tuple[int, ...]]] = {first: {} for first in months}
    for survey, month, *steps in funnels:
        came[month][survey] = tuple(steps)
    return {first: Heard(counts[first], came[first]) for first in months}


def months_of(period: Period) -> Iterator[Period]:
    """Yield the calendar months of a period, the first and last as far as they are in it."""
    start = period.start
    while start < period.stop:
        stop = min(month_of(start).stop, period.stop)
        yield Period(start, stop)
        start = stop


# ---- From the tallies ----------------------------------------------------------------


def _tallied(period: Period, facets: Iterable[str], **only: Any) -> Iterator[Row]:
    """Yield counts by month: whole weeks as they were summed, the days around them one by one."""
    mondays: list[date] = []
    days: list[date] = []
    for month in months_of(period):
        (first, end), around = split(month.start, month.stop)
        mondays += [first + n * _WEEK for n in range((end - first) // _WEEK)]
        days += around
    named = {"facet__in": list(facets)} | only
    weeks = WeekTally.objects.filter(week__in=mondays, **named)
    yield from _by_month(weeks, "week", Sum(sum((F(c) for c in COLUMNS[1:]), F(COLUMNS[0]))))
    yield from _by_month(Tally.objects.filter(day__in=days, **named), "day", Sum("count"))


def _by_month(rows: QuerySet[Any], day: str, counted: Any) -> Iterable[Row]:
    months = rows.annotate(month=TruncMonth(day)).order_by()
    return months.values_list("survey_id", "month", "facet", "key").annotate(n=counted)


def _funnels(period: Period) -> Iterable[Any]:
    rows = FunnelTally.objects.filter(day__gte=period.start, day__lt=period.stop)
    months = rows.annotate(month=TruncMonth("day")).order_by().values_list("survey_id", "month")
    return months.annotate(**{f"{name}_sum": Sum(name) for name in FUNNEL})


# ---- Within a segment, from the answers ----------------------------------------------


def _keep_within(period: Period, segment: str) -> None:
    size = sum(row[-1] for row in _tallied(period, ["segment"], key=segment))
    if size > COMBINE_UP_TO:
        raise TooMany(size)


def _told(period: Period, segment: str) -> Iterator[Row]:
    """Yield counts by month of the answers of one segment, in six queries."""
    answers = Response.objects.filter(
        slice_q(Slice(segment=segment)),
        standing=Response.Standing.COUNTED,
        submitted_date__gte=period.start,
        submitted_date__lt=period.stop,
    )
    said = answers.exclude(comment="").filter(reading__isnull=False)
    yield from _counted(answers, "all")
    yield from _counted(said, "sentiment", "reading__sentiment")
    yield from _counted(said.filter(having(Mention)), "any", key="theme")
    yield from _counted(said.filter(having(Emotion)), "any", key="emotion")
    yield from _counted(Mention.objects.filter(response__in=said), "theme", "theme__slug")
    yield from _counted(Emotion.objects.filter(response__in=said), "emotion", "name")


def _counted(rows: QuerySet[Any], facet: str, column: str = "", *, key: str = "") -> Iterator[Row]:
    """Count distinct answers by survey, month and column; `key` names them where it is empty."""
    is_answer = rows.model is Response
    path, answer = ("", "pk") if is_answer else ("response__", "response_id")
    months = rows.order_by().annotate(month=TruncMonth(f"{path}submitted_date"))
    names = (f"{path}survey_id", "month", *([column] if column else []))
    for survey, month, *more, n in months.values_list(*names).annotate(
        n=Count(answer, distinct=True)
    ):
        yield survey, month, facet, more[0] if more else key, n


def _invited(period: Period, segment: str) -> Iterable[Any]:
    since, until = day_bounds(period.start)[0], day_bounds(period.stop)[0]
    asked = Invitation.objects.filter(
        invited_q(Slice(segment=segment)), sent_at__gte=since, sent_at__lt=until
    )
    months = asked.annotate(month=TruncMonth(TruncDate("sent_at", tzinfo=zone())))
    rows: Any = with_opens(months).order_by().values("survey_id", "month")
    for row in rows.annotate(**funnel_columns()):
        yield row["survey_id"], row["month"], *(row[name] for name in FUNNEL)
