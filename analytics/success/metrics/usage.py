"""Product usage rate: how many customers really use the seats they pay for.

Our own definition, stated as such: an interval (week) is good when at least
half of the seats had a core event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from analytics.statistics.result import Result, null
from analytics.statistics.shares import share
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Id, SeatWeek

SEAT_THRESHOLD = 0.5
TARGET = 0.75


@dataclass(frozen=True, slots=True)
class SeatUse:
    """Weeks with seats of some customers; parts of all add up.

    `over` weeks met the threshold, `on_target` customers did in enough of
    theirs; `by_week` is week -> (seats active, seats).
    """

    weeks: int = 0
    over: int = 0
    customers: int = 0
    on_target: int = 0
    by_week: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def __add__(self, other: SeatUse) -> SeatUse:
        by_week = dict(self.by_week)
        for week, (active, seats) in other.by_week.items():
            before = by_week.get(week, (0, 0))
            by_week[week] = (before[0] + active, before[1] + seats)
        return SeatUse(
            self.weeks + other.weeks,
            self.over + other.over,
            self.customers + other.customers,
            self.on_target + other.on_target,
            by_week,
        )


def seat_use(
    weeks: Iterable[SeatWeek], *, seat_threshold: float = SEAT_THRESHOLD, target: float = TARGET
) -> SeatUse:
    """Count the weeks of some customers, each with all of theirs; untracked ones are left out."""
    by_customer: dict[Id, list[bool]] = {}
    by_week: dict[int, tuple[int, int]] = {}
    for week in weeks:
        if week.seats > 0 and week.active is not None:
            is_over = week.active / week.seats >= seat_threshold
            by_customer.setdefault(week.customer, []).append(is_over)
            active, seats = by_week.get(week.week, (0, 0))
            by_week[week.week] = (active + week.active, seats + week.seats)
    marks = by_customer.values()
    return SeatUse(
        weeks=sum(map(len, marks)),
        over=sum(map(sum, marks)),
        customers=len(marks),
        on_target=sum(sum(own) / len(own) >= target for own in marks),
        by_week=by_week,
    )


def usage_rate(
    weeks: Iterable[SeatWeek], *, seat_threshold: float = SEAT_THRESHOLD, target: float = TARGET
) -> Result:
    """Return customer-weeks over the threshold, of the customer-weeks with seats.

    `parts`: customers, the share of them that met the threshold in at least
    `target` of their weeks, and seat utilisation of the last week (uncapped).
    Weeks without tracking are left out. Weeks of one customer are alike, so
    there is no interval.
    """
    found = seat_use(weeks, seat_threshold=seat_threshold, target=target)
    return usage_of(found, seat_threshold=seat_threshold)


def usage_of(found: SeatUse, *, seat_threshold: float = SEAT_THRESHOLD) -> Result:
    """Return the usage rate of weeks already counted by `seat_use`."""
    if not found.weeks:
        return null("fraction", "no_population", parts={"customer_weeks": 0, "customers": 0})
    result = share(found.over, found.weeks, reason="no_population")
    return replace(
        result,
        interval=None,
        convention=f"at least {seat_threshold:.0%} of seats with a core event",
        parts={
            "customer_weeks": found.weeks,
            "customers": found.customers,
            "on_target": found.on_target,
            "customers_on_target": found.on_target / found.customers,
            "seat_utilisation_last_week": quotient(*found.by_week[max(found.by_week)]),
        },
    )
