"""Weeks of tallies, summed: kept beside the days they are made of, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncWeek

from analytics.scores.models import Tally, WeekTally
from outbox.transactions import write
from surveys.models import Survey

COLUMNS = tuple(f"score_{score}" for score in range(11))
_WEEK = timedelta(days=7)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def split(start: date, stop: date) -> tuple[tuple[date, date], list[date]]:
    """Return the whole weeks within `start`..`stop` as [first, end), and the days around them."""
    first, end = monday_of(start + timedelta(days=6)), monday_of(stop)
    if first >= end:
        first = end = start
    head = [start + timedelta(days=n) for n in range((first - start).days)]
    return (first, end), head + [end + timedelta(days=n) for n in range((stop - end).days)]


def sum_weeks(survey_id: int, days: Iterable[date]) -> None:
    """Replace the weeks in which these days lie by the sums of their tallies.

    Two workers may recount days of the same week at once: the survey's row is
    the lock, and who comes second sums what the first has committed.
    """
    weeks = sorted({monday_of(day) for day in days})
    with write():
        list(Survey.objects.select_for_update(no_key=True).filter(pk=survey_id).values_list("pk"))
        rows: dict[tuple[date, str, str], WeekTally] = {}
        for week, facet, key, score, count in _summed(survey_id, weeks):
            row = rows.setdefault(
                (week, facet, key),
                WeekTally(survey_id=survey_id, week=week, facet=facet, key=key),
            )
            setattr(row, COLUMNS[score], count)
        WeekTally.objects.filter(survey_id=survey_id, week__in=weeks).delete()
        WeekTally.objects.bulk_create(rows.values(), batch_size=500)


def _summed(survey_id: int, weeks: list[date]) -> Iterable[tuple[date, str, str, int, int]]:
    inside = [monday + timedelta(days=n) for monday in weeks for n in range(7)]
    return (
        Tally.objects.filter(survey_id=survey_id, day__in=inside)
        .annotate(week=TruncWeek("day"))
        .order_by()
        .values_list("week", "facet", "key", "score")
        .annotate(n=Sum("count"))
    )
