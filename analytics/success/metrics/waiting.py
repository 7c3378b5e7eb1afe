"""First reply and resolution time, by the calendar and by business hours.

Not yet is null, never 0; a weekend of closed doors is a true 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.statistics.result import Reason, Result, null
from analytics.statistics.shares import share
from analytics.statistics.spread import average, median, percentile
from analytics.success.metrics.periods import local_day, local_midnight

Opening = tuple[time, time]


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When somebody is there: opening spans by weekday (0 Monday .. 6 Sunday).

    A span that closes at or before it opens runs into the next day, so
    (00:00, 00:00) is the whole day. Spans may overlap: an hour two teams share
    is one hour. `holidays` are local days, closed all day.
    """

    zone: str
    week: Mapping[int, Sequence[Opening]]
    holidays: frozenset[date] = frozenset()

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the open spans that begin on a local day, as instants."""
        if day in self.holidays:
            return []
        return [
            (self._instant(day, opens), self._closing(day, opens, closes))
            for opens, closes in self.week.get(day.weekday(), ())
        ]

    def _closing(self, day: date, opens: time, closes: time) -> datetime:
        last = day + timedelta(days=1) if closes <= opens else day
        return self._instant(last, closes)

    def _instant(self, day: date, at: time) -> datetime:
        if at == time.min:
            return local_midnight(day, self.zone)
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)


def calendar_time(opened: datetime, closed: datetime | None) -> Result:
    """Return the seconds between two instants; null until the second has happened."""
    if closed is None:
        return null("seconds", "not_happened_yet", convention="calendar time")
    _check_order(opened, closed)
    seconds = (closed.astimezone(UTC) - opened.astimezone(UTC)).total_seconds()
    return Result(seconds, "seconds", 1, convention="calendar time")


def business_time(opened: datetime, closed: datetime | None, hours: BusinessHours) -> Result:
    """Return the open seconds between two instants, true over changes of the clock."""
    if closed is None:
        return null("seconds", "not_happened_yet", convention="business time")
    _check_order(opened, closed)
    day, last = local_day(opened, hours.zone) - timedelta(days=1), local_day(closed, hours.zone)
    seconds, counted = 0.0, opened  # what lies before `counted` has been added
    while day <= last:
        for start, stop in sorted(hours.spans(day)):
            since, until = max(start, counted), min(stop, closed)
            if until > since:
                seconds += (until - since).total_seconds()
                counted = until
        day += timedelta(days=1)
    return Result(seconds, "seconds", 1, convention="business time")


def _check_order(opened: datetime, closed: datetime) -> None:
    if closed < opened:
        raise ValueError(f"closed at {closed} before it was opened at {opened}")


@dataclass(frozen=True, slots=True)
class Wait:
    """One ticket's wait in seconds; `is_over` False is still counting."""

    seconds: float
    is_over: bool = True


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """`median` of the finished waits, and the share `within` a target, if one is set."""

    median: Result
    within: Result | None


def waiting_times(
    waits: Iterable[Wait], *, target: float | None = None, level: float = 0.95
) -> WaitingTimes:
    """Summarise waits; the median's `parts` hold the 90th percentile and the mean.

    Open tickets join the share within `target` (seconds) only once they are
    over it: until then they may still make it.
    """
    listed = list(waits)
    done = [wait.seconds for wait in listed if wait.is_over]
    middle = median(done)
    if middle is None:
        reason: Reason = "not_happened_yet" if listed else "no_population"
        result = null("seconds", reason)
    else:
        parts = {"p90": percentile(done, 0.9), "average": average(done)}
        result = Result(middle, "seconds", len(done), convention="median", parts=parts)
    result = replace(result, pending=len(listed) - len(done))
    return WaitingTimes(result, None if target is None else _within(listed, target, level))


def _within(waits: Sequence[Wait], target: float, level: float) -> Result:
    late = sum(wait.seconds > target for wait in waits)
    in_time = sum(wait.is_over and wait.seconds <= target for wait in waits)
    return share(
        in_time,
        in_time + late,
        level=level,
        convention=f"within {target:g} seconds",
        reason="not_happened_yet" if waits else "no_population",
    )
