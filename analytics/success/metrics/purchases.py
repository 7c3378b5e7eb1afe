"""Repeat purchase: buyers with two checkouts or more, of all buyers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Id, Order

REPEAT_DAYS = 90
CONVENTION = "buyers with two or more paid checkouts in the window, of its buyers"
REFUNDED = {False: "fully refunded ones are out", True: "fully refunded ones count"}


def checkouts_by_customer(
    orders: Iterable[Order], *, with_refunded: bool = False
) -> dict[Id, dict[Id, date]]:
    """Return each customer's qualifying checkouts with their first day.

    Cancelled and test orders are out, fully refunded ones unless asked for;
    one checkout shipped in parts is one.
    """
    counted = {"paid", "refunded"} if with_refunded else {"paid"}
    found: dict[Id, dict[Id, date]] = {}
    for order in orders:
        if order.status in counted:
            days = found.setdefault(order.customer, {})
            days[order.checkout] = min(order.day, days.get(order.checkout, order.day))
    return found


class Repeats(NamedTuple):
    """Buyers of a window: all, those with two checkouts in it, those with two ever."""

    buyers: int = 0
    repeat: int = 0
    returning: int = 0

    def plus(self, other: Repeats) -> Repeats:
        """Add other buyers to these."""
        return Repeats._make(a + b for a, b in zip(self, other, strict=True))


def repeats(checkouts: Mapping[Id, Mapping[Id, date]], *, first: date, after: date) -> Repeats:
    """Count the buyers of the local days [first, after) among the customers of checkouts."""
    buyers = repeat = returning = 0
    for days in checkouts.values():
        inside = sum(first <= day < after for day in days.values())
        buyers += inside >= 1
        repeat += inside >= 2
        returning += inside >= 1 and sum(day < after for day in days.values()) >= 2
    return Repeats(buyers, repeat, returning)


def repeat_purchase(
    orders: Iterable[Order],
    *,
    first: date,
    after: date,
    with_refunded: bool = False,
    level: float = 0.95,
) -> Result:
    """Return the repeat purchase rate of the local days [first, after).

    `parts["returning_customer_rate"]` asks instead for two checkouts ever, up
    to the end of the window.
    """
    checkouts = checkouts_by_customer(orders, with_refunded=with_refunded)
    found = repeats(checkouts, first=first, after=after)
    return repeat_rate(found, with_refunded=with_refunded, level=level)


def repeat_rate(found: Repeats, *, with_refunded: bool = False, level: float = 0.95) -> Result:
    """Return the repeat purchase rate of buyers already counted by `repeats`."""
    convention = f"{CONVENTION}; {REFUNDED[with_refunded]}"
    result = share(
        found.repeat, found.buyers, level=level, convention=convention, reason="no_population"
    )
    rate = quotient(found.returning, found.buyers)
    return replace(result, parts=found._asdict() | {"returning_customer_rate": rate})


@dataclass(frozen=True, slots=True)
class SecondOrders:
    """Cohort form: of first-time buyers of some days, who came back in time.

    `days_to_second` of all who came back within the window, for a histogram.
    """

    rate: Result
    days_to_second: tuple[int, ...]


def second_orders(
    orders: Iterable[Order],
    *,
    first: date,
    after: date,
    as_of: date,
    within_days: int = REPEAT_DAYS,
    with_refunded: bool = False,
    level: float = 0.95,
) -> SecondOrders:
    """Return the share of first-time buyers of [first, after) with a second order in time.

    Only buyers whose window has closed by `as_of` count; the rest is pending.
    """
    checkouts = checkouts_by_customer(orders, with_refunded=with_refunded)
    histories = [sorted(days.values()) for days in checkouts.values()]
    cohort = [days for days in histories if first <= days[0] < after]
    window = timedelta(days=within_days)
    mature = [days for days in cohort if days[0] + window <= as_of]
    waits = _waits(mature, window)
    rate = share(
        len(waits),
        len(mature),
        level=level,
        convention=f"second checkout within {within_days} days of the first",
        reason="immature_cohort" if cohort else "no_population",
    )
    return SecondOrders(replace(rate, pending=len(cohort) - len(mature)), tuple(sorted(waits)))


def _waits(histories: Sequence[list[date]], window: timedelta) -> list[int]:
    pairs = (days[:2] for days in histories if len(days) >= 2)
    return [(second - initial).days for initial, second in pairs if second - initial <= window]
