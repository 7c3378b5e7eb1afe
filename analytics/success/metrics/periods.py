"""Local days turned into instants: the only place where zones meet metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open span [start, stop) between two aware instants."""

    start: datetime
    stop: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.stop.tzinfo is None:
            raise ValueError("a period needs instants with a zone")
        if self.start > self.stop:
            raise ValueError(f"the period ends at {self.stop} before it starts at {self.start}")


def local_midnight(day: date, zone: str) -> datetime:
    """Return the instant (UTC) a local day begins; its first one where a clock skips midnight.

    Both ends of a day are computed this way, so days of 23 and 25 hours are whole.
    """
    # in UTC, because Python compares two times of one zone by the wall clock
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def between(first: date, after: date, *, zone: str) -> Period:
    """Return the period of the local days `first` up to, not including, `after`."""
    return Period(local_midnight(first, zone), local_midnight(after, zone))


def local_day(at: datetime, zone: str) -> date:
    """Return the workspace day an instant falls on."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone")
    return at.astimezone(ZoneInfo(zone)).date()


def days_of(first: date, after: date) -> int:
    return max(0, (after - first).days)


def overlap_days(a: tuple[date, date], b: tuple[date, date]) -> int:
    """Return how many days two half-open day spans share."""
    return days_of(max(a[0], b[0]), min(a[1], b[1]))


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (following - first).days) - 1)
