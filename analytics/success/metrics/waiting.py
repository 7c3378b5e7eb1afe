"""First reply and resolution time, by the calendar and by business hours.

Not yet is null, never 0; a weekend of closed doors is a true 0.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.statistics.result import Reason, Result, null
from analytics.statistics.shares import share
from analytics.statistics.spread import average, percentiles
from analytics.success.metrics.adding import Summed
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
class Waited(Summed):
    """Waits of some tickets, eight bytes each: the seconds of those that are over.

    `waiting` are not over yet. `late` took or take longer than the target,
    `in_time` were over within it.
    """

    done: array[float] = field(default_factory=lambda: array("d"))
    waiting: int = 0
    late: int = 0
    in_time: int = 0


def waited(waits: Iterable[Wait], *, target: float | None = None) -> Waited:
    """Add up waits, held against a target in seconds."""
    done = array("d")
    waiting = late = in_time = 0
    for wait in waits:
        is_late = target is not None and wait.seconds > target
        late += is_late
        if wait.is_over:
            done.append(wait.seconds)
            in_time += target is not None and not is_late
        else:
            waiting += 1
    return Waited(done, waiting, late, in_time)


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """`median` of the finished waits, and the share `within` a target, if one is set."""

    median: Result
    within: Result | None


def waiting_times(
    waits: Iterable[Wait], *, target: float | None = None, level: float = 0.95
) -> WaitingTimes:
    """Summarise waits; see `times_of`."""
    return times_of(waited(waits, target=target), target=target, level=level)


def times_of(found: Waited, *, target: float | None = None, level: float = 0.95) -> WaitingTimes:
    """Summarise waits held against `target`; `parts` of the median: 90th percentile and mean.

    Open tickets join the share within the target (seconds) only once they are
    over it: until then they may still make it.
    """
    n = len(found.done)
    reason: Reason = "not_happened_yet" if found.waiting else "no_population"
    middle, late = percentiles(found.done, 0.5, 0.9)
    if middle is None:
        result = null("seconds", reason)
    else:
        parts = {"p90": late, "average": average(found.done)}
        result = Result(middle, "seconds", n, convention="median", parts=parts)
    result = replace(result, pending=found.waiting)
    return WaitingTimes(result, None if target is None else _within(found, target, level))


def _within(found: Waited, target: float, level: float) -> Result:
    return share(
        found.in_time,
        found.in_time + found.late,
        level=level,
        convention=f"within {target:g} seconds",
        reason="not_happened_yet" if found.waiting else "no_population",
    )
