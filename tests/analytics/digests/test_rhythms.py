"""Hours of the wall clock, whole days, weeks, months and quarters; over every clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.digests.rhythms import covered, latest_moment, moment_of, next_moment, so_far
from analytics.periods import Period

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",
         "America/Santiago", "Asia/Kathmandu", "UTC"]  # fmt: skip
RHYTHMS = ["daily", "weekly", "monthly", "quarterly"]
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_eight_stays_eight_when_the_clocks_change() -> None:
    moment = at("2026-03-27T09:00")
    hours = []
    for _ in range(4):
        moment = next_moment("daily", 8, after=moment, zone=BERLIN)
        hours.append((moment.astimezone(BERLIN).isoformat()[:16], moment.astimezone(UTC).hour))
    assert hours == [
        ("2026-03-28T08:00", 7),
        ("2026-03-29T08:00", 6),
        ("2026-03-30T08:00", 6),
        ("2026-03-31T08:00", 6),
    ]


def test_an_hour_the_spring_night_leaves_out_comes_when_the_clocks_have_jumped() -> None:
    """On 29 March 2026 Berlin has no 2:00: it is 1:59, then 3:00."""
    moment = moment_of(date(2026, 3, 29), 2, BERLIN)
    assert moment.astimezone(BERLIN).isoformat() == "2026-03-29T03:00:00+02:00"


def test_an_hour_the_autumn_night_has_twice_comes_once() -> None:
    """On 25 October 2026 Berlin has 2:00 twice."""
    first = next_moment("daily", 2, after=at("2026-10-25T01:00"), zone=BERLIN)
    second = next_moment("daily", 2, after=first, zone=BERLIN)
    assert first == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert second == datetime(2026, 10, 26, 1, tzinfo=UTC)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    zone=st.sampled_from(ZONES),
    rhythm=st.sampled_from(["daily", "weekly", "monthly"]),
    hour=st.integers(0, 23),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
)
def test_each_day_of_a_rhythm_has_one_moment_and_periods_have_no_gap(
    zone: str, rhythm: str, hour: int, start: datetime
) -> None:
    local, moments, moment = ZoneInfo(zone), [], start
    for _ in range(6):
        moment = next_moment(rhythm, hour, after=moment, zone=local)
        moments.append(moment)
    days = [moment.astimezone(local).date() for moment in moments]
    assert moments == sorted(set(moments)) and days == sorted(set(days))
    periods = [covered(rhythm, day) for day in days]
    for earlier, later in pairwise(periods):
        assert earlier.stop == later.start
    assert all(period.stop == day for period, day in zip(periods, days, strict=True))


@pytest.mark.parametrize(
    ("rhythm", "period"),
    [
        ("daily", Period(date(2026, 3, 31), date(2026, 4, 1))),
        ("weekly", Period(date(2026, 3, 23), date(2026, 3, 30))),
        ("monthly", Period(date(2026, 3, 1), date(2026, 4, 1))),
        ("quarterly", Period(date(2026, 1, 1), date(2026, 4, 1))),
    ],
)
def test_a_digest_speaks_of_what_was_over_that_morning(rhythm: str, period: Period) -> None:
    assert covered(rhythm, date(2026, 4, 1)) == period


def test_what_a_long_stop_missed_is_not_caught_up() -> None:
    since, now = at("2026-05-01T08:00"), at("2026-05-20T12:00")
    moment = latest_moment("daily", 8, since=since, now=now, zone=BERLIN)
    assert moment == at("2026-05-20T08:00")
    assert latest_moment("monthly", 8, since=since, now=now, zone=BERLIN) == since


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_so_far_ends_with_today(rhythm: str) -> None:
    days = so_far(rhythm, date(2026, 5, 20))
    assert days.last == date(2026, 5, 20) and days.days >= 1
    assert timedelta(days=days.days) <= timedelta(days=92)
