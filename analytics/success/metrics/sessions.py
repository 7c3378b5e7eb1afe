"""Time on platform. More is not better: read it with task success and effort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.statistics.result import Result, null
from analytics.statistics.spread import average, median, percentile
from analytics.success.metrics.facts import Id
from analytics.success.metrics.periods import Period

TIMEOUT_SECONDS = 1800
CAP_SECONDS = 12 * 3600
CONVENTION = "first to last event of a session; a longer pause than 30 minutes opens the next"


@dataclass(frozen=True, slots=True)
class Session:
    """A visit; it belongs to the day it starts on, also across midnight."""

    start: datetime
    seconds: float


def sessions(
    instants: Iterable[datetime],
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    cap_seconds: float = CAP_SECONDS,
    ordered: bool = False,
) -> list[Session]:
    """Split one person's events into sessions, oldest first; `ordered` events are in UTC already.

    A pause of exactly the timeout stays together. A single event lasts 0
    seconds (the time after the last event is not seen); the cap holds off
    background tabs.
    """
    found: list[list[datetime]] = []
    # in UTC, because Python subtracts two times of one zone by the wall clock
    for at in instants if ordered else sorted(at.astimezone(UTC) for at in instants):
        if found and (at - found[-1][1]).total_seconds() <= timeout_seconds:
            found[-1][1] = at
        else:
            found.append([at, at])
    return [Session(s, min(cap_seconds, (e - s).total_seconds())) for s, e in found]


def starting_in(listed: Iterable[Session], span: Period) -> list[Session]:
    """Return the sessions that begin in a period; those over its end stay whole."""
    return [session for session in listed if span.start <= session.start < span.stop]


def time_on_platform(by_user: Mapping[Id, Iterable[Session]]) -> Result:
    """Return the average seconds of a session.

    `parts`: sessions, users, median and quartiles, the average without
    zero-length sessions, and the seconds per distinct user.
    """
    seconds = [session.seconds for listed in by_user.values() for session in listed]
    result = average_seconds([(1, second) for second in seconds])
    if result.value is None:
        return result
    long = [second for second in seconds if second > 0]
    result.parts.update(
        sessions=len(seconds),
        users=len(by_user),
        median=median(seconds),
        p25=percentile(seconds, 0.25),
        p75=percentile(seconds, 0.75),
        average_without_zero=average(long),
        per_user=sum(seconds) / len(by_user),
    )
    return result


def average_seconds(groups: Iterable[tuple[int, float]]) -> Result:
    """Return the average of (count, seconds) groups; nothing is null."""
    listed = list(groups)
    count = sum(n for n, _ in listed)
    if not count:
        return null("seconds", "no_population", convention=CONVENTION, parts={"sessions": 0})
    total = sum(n * seconds for n, seconds in listed)
    return Result(
        value=total / count,
        unit="seconds",
        n=count,
        numerator=total,
        denominator=count,
        convention=CONVENTION,
        parts={"sessions": count},
    )
