"""Time on platform. More is not better: read it with task success and effort."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.statistics.result import Result, null
from analytics.statistics.spread import percentiles
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


def time_on_platform(by_user: Iterable[Iterable[Session]]) -> Result:
    """Return the average seconds of a session, told the sessions of one user after the other.

    `parts`: sessions, users, median and quartiles, the average without
    zero-length sessions, and the seconds per distinct user.
    """
    users, seconds = 0, array("d")  # there may be millions of them
    for listed in by_user:
        users += 1
        seconds.extend(session.seconds for session in listed)
    result = average_seconds((1, second) for second in seconds)
    if result.value is None:
        return result
    lower, middle, upper = percentiles(seconds, 0.25, 0.5, 0.75)
    long = sum(second > 0 for second in seconds)
    result.parts.update(
        sessions=len(seconds),
        users=users,
        median=middle,
        p25=lower,
        p75=upper,
        average_without_zero=sum(seconds) / long if long else None,
        per_user=sum(seconds) / users,
    )
    return result


def average_seconds(groups: Iterable[tuple[int, float]]) -> Result:
    """Return the average of (count, seconds) groups; nothing is null."""
    count = 0
    total: float = 0
    for n, seconds in groups:
        count += n
        total += n * seconds
    if not count:
        return null("seconds", "no_population", convention=CONVENTION, parts={"sessions": 0})
    return Result(
        value=total / count,
        unit="seconds",
        n=count,
        numerator=total,
        denominator=count,
        convention=CONVENTION,
        parts={"sessions": count},
    )
