"""Product usage rate: how many customers really use the seats they pay for.

Our own definition, stated as such: an interval (week) is good when at least
half of the seats had a core event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analytics.statistics.result import Result, null
from analytics.statistics.shares import share
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Id, SeatWeek

SEAT_THRESHOLD = 0.5
TARGET = 0.75


def usage_rate(
    weeks: Iterable[SeatWeek], *, seat_threshold: float = SEAT_THRESHOLD, target: float = TARGET
) -> Result:
    """Return customer-weeks over the threshold, of the customer-weeks with seats.

    `parts`: customers, the share of them that met the threshold in at least
    `target` of their weeks, and seat utilisation of the last week (uncapped).
    Weeks without tracking are left out. Weeks of one customer are alike, so
    there is no interval.
    """
    entitled = [week for week in weeks if week.seats > 0 and week.active is not None]
    if not entitled:
        return null("fraction", "no_population", parts={"customer_weeks": 0, "customers": 0})
    by_customer: dict[Id, list[bool]] = {}
    for week in entitled:
        is_over = (week.active or 0) / week.seats >= seat_threshold
        by_customer.setdefault(week.customer, []).append(is_over)
    over = sum(map(sum, by_customer.values()))
    on_target = sum(sum(weeks) / len(weeks) >= target for weeks in by_customer.values())
    result = share(over, len(entitled), reason="no_population")
    return replace(
        result,
        interval=None,
        convention=f"at least {seat_threshold:.0%} of seats with a core event",
        parts={
            "customer_weeks": len(entitled),
            "customers": len(by_customer),
            "on_target": on_target,
            "customers_on_target": on_target / len(by_customer),
            "seat_utilisation_last_week": _last_week(entitled),
        },
    )


def _last_week(entitled: list[SeatWeek]) -> float | None:
    last = max(week.week for week in entitled)
    current = [week for week in entitled if week.week == last]
    return quotient(sum(w.active or 0 for w in current), sum(w.seats for w in current))
