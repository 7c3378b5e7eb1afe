"""Active users: distinct people with a core event, by the workspace's days.

Daily counts must not be added up: the same people come back. Everything is a
function of (user, day) pairs, which a database can deliver already distinct.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.statistics.result import Result, null
from analytics.success.metrics.facts import Id, UsageEvent
from analytics.success.metrics.periods import days_of, local_day

UserDay = tuple[Id, date]
CONVENTION = "mean daily over monthly distinct users with a core event"


def user_days(events: Iterable[UsageEvent], *, zone: str) -> set[UserDay]:
    """Return the distinct (user, local day) pairs of core events by outsiders."""
    return {
        (event.user, local_day(event.at, zone))
        for event in events
        if event.is_core and not event.is_internal
    }


@dataclass(frozen=True, slots=True)
class ActiveUsers:
    """Counts of one span of days; `by_day` has every day, quiet ones as 0."""

    distinct: int
    by_day: Mapping[date, int]

    @property
    def sum_of_daily(self) -> int:
        """Return the daily counts added up: people counted as often as they came."""
        return sum(self.by_day.values())

    @property
    def average_daily(self) -> float | None:
        return self.sum_of_daily / len(self.by_day) if self.by_day else None


def active_users(pairs: Iterable[UserDay], *, first: date, after: date) -> ActiveUsers:
    """Count distinct users of the local days [first, after), and of each day."""
    inside = {(user, day) for user, day in pairs if first <= day < after}
    by_day = Counter(day for _, day in inside)
    return active_of(by_day, len({user for user, _ in inside}), first=first, after=after)


def active_of(
    by_day: Mapping[date, int], distinct: int, *, first: date, after: date
) -> ActiveUsers:
    """Return the users of [first, after) already counted; days without any are quiet."""
    days = (first + timedelta(days=index) for index in range(days_of(first, after)))
    return ActiveUsers(distinct, {day: by_day.get(day, 0) for day in days})


def stickiness(active: ActiveUsers) -> Result:
    """Return average daily over distinct users of the span, a fraction 0..1."""
    if not active.distinct or active.average_daily is None:
        return null("fraction", "no_population", convention=CONVENTION)
    return Result(
        value=active.average_daily / active.distinct,
        unit="fraction",
        n=active.distinct,
        numerator=active.average_daily,
        denominator=active.distinct,
        convention=CONVENTION,
    )


@dataclass(frozen=True, slots=True)
class Comings:
    """Users active now: `new` ever, `returning` from the span before, `resurrected` after a gap.

    `gone` were active in the span before and not now.
    """

    new: int
    returning: int
    resurrected: int
    gone: int


def comings(*, now: int, just_before: int, either: int, new: int) -> Comings:
    """Split the users of a span by what they did before; the span before is as long.

    `now` and `just_before` are the distinct users of each, `either` those of
    both together, `new` those of now who never came before.
    """
    both = now + just_before - either
    return Comings(
        new=new,
        returning=both,
        resurrected=max(0, now - both - new),
        gone=just_before - both,
    )
