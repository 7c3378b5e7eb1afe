"""When a digest or report is due, and which days it speaks about.

An hour is the workspace's wall clock: 8:00 stays 8:00 when the clocks change.
An hour that a spring night leaves out is taken at the moment the clocks jump
to; one that an autumn night has twice is taken the first time. So each day has
each hour once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.periods import Period

DAILY, WEEKLY, MONTHLY, QUARTERLY = "daily", "weekly", "monthly", "quarterly"

_BEGINS: dict[str, Callable[[date], bool]] = {
    DAILY: lambda day: True,
    WEEKLY: lambda day: day.weekday() == 0,
    MONTHLY: lambda day: day.day == 1,
    QUARTERLY: lambda day: day.day == 1 and day.month % 3 == 1,
}
_LENGTHS = {DAILY: 1, WEEKLY: 7, MONTHLY: 30, QUARTERLY: 91}


def moment_of(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return the instant at which the wall clock of the zone shows this hour (0..23)."""
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def next_moment(rhythm: str, hour: int, *, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment of a rhythm that lies after another."""
    day = after.astimezone(zone).date()
    while not (_BEGINS[rhythm](day) and moment_of(day, hour, zone) > after):
        day += timedelta(days=1)
    return moment_of(day, hour, zone)


def latest_moment(
    rhythm: str, hour: int, *, since: datetime, now: datetime, zone: ZoneInfo
) -> datetime:
    """Return the newest moment up to now, `since` being one: what was missed is not caught up."""
    moment = since
    while (following := next_moment(rhythm, hour, after=moment, zone=zone)) <= now:
        moment = following
    return moment


def covered(rhythm: str, day: date) -> Period:
    """Return the whole day, week, month or quarter that was over when this day began."""
    start = day
    while not _BEGINS[rhythm](start):
        start -= timedelta(days=1)
    stop, start = start, start - timedelta(days=1)
    while not _BEGINS[rhythm](start):
        start -= timedelta(days=1)
    return Period(start, stop)


def so_far(rhythm: str, day: date) -> Period:
    """Return about as many days up to this one, for somebody who does not want to wait."""
    stop = day + timedelta(days=1)
    return Period(stop - timedelta(days=_LENGTHS[rhythm]), stop)
