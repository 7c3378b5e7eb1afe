import random
from datetime import date, timedelta
from itertools import pairwise

import pytest

from analytics.statistics.trends import (
    Week,
    alarms,
    cusum,
    ewma,
    standardise,
    weekly_buckets,
)

MONDAY = date(2025, 3, 3)


def _weeks(levels, n=100):
    """Weeks that sway by three points around their level."""
    return [Week(level + (-3, 3)[i % 2], 6000.0, n) for i, level in enumerate(levels)]


# Montgomery and Runger, Table 16-8
def test_cusum_reproduces_a_textbook_table():
    series = [102.0, 94.8, 98.3, 98.4, 102.0, 98.5, 99.0, 97.7]
    found = cusum(series, target=99, slack=1, limit=10)
    assert found.upper == pytest.approx((2.0, 0, 0, 0, 2.0, 0.5, 0, 0))
    assert found.lower == pytest.approx((0, 3.2, 2.9, 2.5, 0, 0, 0, 0.3))
    assert found.run_lower == (0, 1, 2, 3, 0, 0, 0, 1)
    assert found.first_signal is None


def test_ewma_limits_widen_towards_the_steady_ones():
    found = ewma([0.0] * 40)
    assert found.upper[0] < found.upper[1] < found.upper[-1]
    steady = ewma([0.0], is_steady=True).upper[0]
    assert found.upper[-1] == pytest.approx(steady, rel=1e-4)
    assert found.lower[3] == -found.upper[3]


def test_weeks_with_few_answers_are_joined_until_ten():
    days = {MONDAY: {9: 4}, MONDAY + timedelta(8): {9: 7}, MONDAY + timedelta(15): {1: 12}}
    buckets = weekly_buckets(days)
    assert [(b.start, b.n) for b in buckets] == [(MONDAY, 11), (MONDAY + timedelta(14), 12)]
    assert buckets[0].stop == MONDAY + timedelta(14)


def test_only_the_last_bucket_can_stay_short():
    days = {MONDAY: {9: 30}, MONDAY + timedelta(7): {9: 2}}
    assert [b.is_short for b in weekly_buckets(days)] == [False, True]
    assert weekly_buckets({}) == []


def test_no_answer_is_lost_or_counted_twice():
    dice = random.Random(3)
    days = {MONDAY + timedelta(dice.randrange(200)): {5: dice.randrange(9)} for _ in range(80)}
    buckets = weekly_buckets(days)
    assert sum(b.n for b in buckets) == sum(sum(h.values()) for h in days.values())
    assert all(a.stop <= b.start for a, b in pairwise(buckets))


def test_a_lasting_fall_raises_an_alarm_that_names_its_beginning():
    found = alarms(_weeks([40] * 20 + [25] * 12))
    assert found and {alarm.direction for alarm in found} == {"down"}
    assert all(abs(alarm.since - 20) <= 3 for alarm in found)


def test_a_calm_series_and_a_short_one_raise_none():
    assert alarms(_weeks([40] * 60)) == []
    assert alarms(_weeks([40, -40] * 5)) == []
    assert alarms([]) == []


def test_an_acknowledged_fall_is_not_told_twice():
    weeks = _weeks([40] * 20 + [20] * 3 + [40] * 10)
    [first, *_] = alarms(weeks)
    assert alarms(weeks, acknowledged=first.week + 2) == []


def test_more_answers_make_the_same_move_more_surprising():
    [few, many] = standardise([(30, 25), (30, 400)], baseline=40, variance=6000)
    assert many == pytest.approx(4 * few)


def test_the_cumulative_sum_names_the_first_week_after_it_last_was_zero():
    weeks = _weeks([40] * 14, n=400) + [Week(level, 6000.0, 400) for level in (45, 30, 30, 30, 30)]
    [cumulative] = [alarm for alarm in alarms(weeks) if alarm.chart == "cusum"]
    assert (cumulative.week, cumulative.since, cumulative.direction) == (17, 15, "down")
