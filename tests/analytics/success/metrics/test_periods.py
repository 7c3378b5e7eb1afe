from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.periods import (
    Period,
    add_months,
    between,
    local_day,
    local_midnight,
    overlap_days,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo"]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2025, 3, 30), "Europe/Berlin", 23),
        (date(2025, 10, 26), "Europe/Berlin", 25),
        (date(2025, 6, 1), "Europe/Berlin", 24),
        # clocks went from 24:00 to 01:00: the day begins at one o'clock
        (date(2018, 11, 4), "America/Sao_Paulo", 23),
    ],
)
def test_days_of_23_and_25_hours_are_whole(day, zone, hours):
    period = between(day, day + timedelta(days=1), zone=zone)
    assert period.stop - period.start == timedelta(hours=hours)


def test_a_day_without_midnight_begins_with_its_first_instant():
    start = local_midnight(date(2018, 11, 4), "America/Sao_Paulo")
    assert start == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert local_day(start, "America/Sao_Paulo") == date(2018, 11, 4)
    assert local_day(start - timedelta(seconds=1), "America/Sao_Paulo") == date(2018, 11, 3)


@given(st.dates(date(2000, 1, 1), date(2035, 1, 1)), st.sampled_from(ZONES))
def test_every_instant_belongs_to_the_day_that_holds_it(day, zone):
    period = between(day, day + timedelta(days=1), zone=zone)
    assert local_day(period.start, zone) == day
    assert local_day(period.stop - timedelta(microseconds=1), zone) == day
    assert local_day(period.stop, zone) == day + timedelta(days=1)


def test_instants_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="zone"):
        Period(datetime(2025, 1, 1), datetime(2025, 2, 1))
    with pytest.raises(ValueError, match="zone"):
        local_day(datetime(2025, 1, 1), "UTC")
    at = datetime(2025, 1, 1, tzinfo=ZoneInfo("UTC"))
    with pytest.raises(ValueError, match="before it starts"):
        Period(at, at - timedelta(days=1))


def test_months_are_added_by_the_calendar():
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_months(date(2024, 12, 15), -12) == date(2023, 12, 15)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)


def test_day_spans_share_what_both_hold():
    april, spring = (date(2025, 4, 1), date(2025, 5, 1)), (date(2025, 4, 20), date(2025, 6, 1))
    assert overlap_days(april, spring) == 11
    assert overlap_days(april, (date(2025, 5, 1), date(2025, 6, 1))) == 0
