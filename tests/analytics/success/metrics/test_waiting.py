from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.success.metrics.waiting import (
    BusinessHours,
    Wait,
    business_time,
    calendar_time,
    waiting_times,
)

NINE_TO_FIVE = [(time(9), time(17))]
OFFICE = BusinessHours("Europe/Berlin", dict.fromkeys(range(5), NINE_TO_FIVE))
ALWAYS = BusinessHours("Europe/Berlin", dict.fromkeys(range(7), ((time.min, time.min),)))
NIGHTS = BusinessHours("Europe/Berlin", dict.fromkeys(range(7), ((time(22), time(6)),)))


def berlin(*parts):
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin"))


def test_only_open_hours_count():
    seconds = business_time(berlin(2025, 5, 15, 16), berlin(2025, 5, 19, 10), OFFICE).value
    assert seconds == 3600 + 8 * 3600 + 3600


def test_holidays_are_closed():
    closed = BusinessHours("Europe/Berlin", OFFICE.week, frozenset({date(2025, 5, 16)}))
    seconds = business_time(berlin(2025, 5, 15, 16), berlin(2025, 5, 19, 10), closed).value
    assert seconds == 7200


def test_a_weekend_of_closed_doors_is_a_true_zero():
    result = business_time(berlin(2025, 5, 17, 8), berlin(2025, 5, 18, 20), OFFICE)
    assert (result.value, result.status) == (0, "ok")


def test_not_yet_is_null():
    assert business_time(berlin(2025, 5, 15), None, OFFICE).reason == "not_happened_yet"
    assert calendar_time(berlin(2025, 5, 15), None).reason == "not_happened_yet"


def test_the_night_the_clock_changes_is_as_long_as_it_was():
    assert business_time(berlin(2025, 3, 29, 12), berlin(2025, 3, 30, 12), NIGHTS).value == 7 * 3600
    assert (
        business_time(berlin(2025, 10, 25, 12), berlin(2025, 10, 26, 12), NIGHTS).value == 9 * 3600
    )
    assert calendar_time(berlin(2025, 3, 30), berlin(2025, 3, 31)).value == 23 * 3600


def test_closed_before_opened_is_refused():
    with pytest.raises(ValueError, match="before it was opened"):
        business_time(berlin(2025, 5, 15), berlin(2025, 5, 14), OFFICE)


instants = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)


@settings(max_examples=40, deadline=None)
@given(instants, st.integers(0, 2_000_000))
def test_open_around_the_clock_is_the_calendar(opened, seconds):
    closed = opened + timedelta(seconds=seconds)
    assert business_time(opened, closed, ALWAYS).value == seconds
    assert business_time(opened, closed, OFFICE).value <= seconds


@settings(max_examples=40, deadline=None)
@given(instants, st.integers(0, 600_000), st.integers(0, 600_000))
def test_waiting_in_two_parts_adds_up(opened, first, second):
    middle, closed = opened + timedelta(seconds=first), opened + timedelta(seconds=first + second)
    whole = business_time(opened, closed, OFFICE).value
    parts = business_time(opened, middle, OFFICE), business_time(middle, closed, OFFICE)
    assert parts[0].value + parts[1].value == whole


def test_open_tickets_count_against_the_target_only_once_over_it():
    waits = [Wait(50), Wait(100), Wait(300), Wait(80, is_over=False), Wait(500, is_over=False)]
    found = waiting_times(waits, target=100)
    assert (found.median.value, found.median.pending) == (100, 2)
    assert (found.within.numerator, found.within.denominator) == (2, 4)


def test_no_tickets_and_no_replies_are_told_apart():
    assert waiting_times([]).median.reason == "no_population"
    still = waiting_times([Wait(10, is_over=False)], target=60)
    assert still.median.reason == "not_happened_yet"
    assert still.within.reason == "not_happened_yet"
