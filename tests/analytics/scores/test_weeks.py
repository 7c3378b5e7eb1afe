"""Weeks are summed beside their days: any period reads as if every day were looked at."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.periods import Period
from analytics.scores.models import Tally, WeekTally
from analytics.scores.queries import facets_of, weeks_of
from analytics.scores.tallies import recount
from analytics.scores.weeks import monday_of, split, sum_weeks
from feedback.models import Response
from tests.feedback.making import a_survey, answers

MONDAY = date(2026, 8, 3)
days = st.integers(-40, 40).map(lambda n: MONDAY + timedelta(days=n))
tallies = st.dictionaries(
    st.tuples(days, st.sampled_from([("all", ""), ("theme", "food")]), st.integers(0, 10)),
    st.integers(1, 9),
    max_size=40,
)


@given(start=days, length=st.integers(1, 60))
def test_weeks_and_days_make_up_a_period_exactly(start: date, length: int) -> None:
    stop = start + timedelta(days=length)
    (first, end), single = split(start, stop)
    inside = [first + timedelta(days=n) for n in range((end - first).days)]
    assert sorted(inside + single) == [start + timedelta(days=n) for n in range(length)]
    assert first == end or (first.weekday(), end.weekday()) == (0, 0)
    assert len(single) <= 12


@pytest.mark.django_db
@settings(max_examples=40, derandomize=True, deadline=None)
@given(counted=tallies, start=days, length=st.integers(1, 40))
def test_a_period_reads_as_its_days(
    counted: dict[tuple[date, tuple[str, str], int], int], start: date, length: int
) -> None:
    with transaction.atomic():
        survey = a_survey("weekly").pk
        Tally.objects.bulk_create(
            Tally(survey_id=survey, day=day, facet=facet, key=key, score=score, count=n)
            for (day, (facet, key), score), n in counted.items()
        )
        sum_weeks(survey, {day for day, _name, _score in counted})
        period = Period(start, start + timedelta(days=length))
        found = facets_of([survey], period)[survey]
        assert (found.now, found.before) == (
            by_hand(counted, period), by_hand(counted, period.before)
        )  # fmt: skip
        weeks = weeks_of([survey], period.before.start, period.stop)[survey]
        told: dict[date, dict[int, int]] = defaultdict(dict)
        for (day, (facet, _key), score), n in counted.items():
            if facet == "all" and period.before.start <= day < period.stop:
                told[monday_of(day)][score] = told[monday_of(day)].get(score, 0) + n
        assert weeks == told
        transaction.set_rollback(True)


def by_hand(
    counted: dict[tuple[date, tuple[str, str], int], int], period: Period
) -> dict[tuple[str, str], dict[int, int]]:
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for (day, name, score), n in counted.items():
        if period.start <= day < period.stop:
            found[name][score] = found[name].get(score, 0) + n
    return dict(found)


@pytest.mark.django_db
def test_an_installation_that_has_tallies_gets_its_weeks_with_the_update() -> None:
    survey = a_survey("old")
    for score in (10, 9, 3, 0):
        answers(survey, [""], score=score)
    recount(survey.pk, Response.objects.values_list("submitted_date", flat=True))
    names = ("survey_id", "week", "facet", "key", "score_0", "score_3", "score_9", "score_10")
    kept = sorted(WeekTally.objects.values_list(*names))
    assert any(row[4:] == (1, 1, 1, 1) for row in kept)
    WeekTally.objects.all().delete()
    import_module("analytics.scores.migrations.0003_sum_weeks_of_tallies").sum_weeks(apps, None)
    assert sorted(WeekTally.objects.values_list(*names)) == kept


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_workers_that_recount_days_of_one_week_at_once_lose_neither() -> None:
    survey = a_survey("busy")
    answers(survey, [""] * 3, score=10)
    Response.objects.update(submitted_date=MONDAY)
    answers(survey, [""] * 4, score=2)
    Response.objects.filter(score=2).update(submitted_date=MONDAY + timedelta(days=1))
    failed: list[Exception] = []

    def work(day: date, first: threading.Event, then: threading.Event) -> None:
        try:
            with transaction.atomic():
                Tally.objects.filter(survey=survey, day=day).delete()
                first.set()
                then.wait(10)  # both have begun, neither sees the other
                recount(survey.pk, [day])
        except Exception as error:  # noqa: BLE001  asserted below
            failed.append(error)
        finally:
            connection.close()

    one, other = threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=work, args=(MONDAY, one, other)),
        threading.Thread(target=work, args=(MONDAY + timedelta(days=1), other, one)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failed
    week = WeekTally.objects.get(survey=survey, facet="all")
    assert (week.week, week.score_10, week.score_2) == (MONDAY, 3, 4)
