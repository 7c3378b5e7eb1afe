"""The periods a target is judged on: calendar ones, and days that roll along."""

from __future__ import annotations

from datetime import date, timedelta

from analytics.periods import Period
from analytics.success.metrics.periods import add_months

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"30d": 30, "90d": 90}
SHOWN = {"month": 13, "quarter": 8, "year": 4, "30d": 12, "90d": 8}
"""How many periods a page looks back over, the running one included."""


def is_calendar(name: str) -> bool:
    return name in MONTHS


def running(name: str, on: date) -> Period:
    """Return the period the day `on` lies in; for rolling days, those that end with it."""
    if name in DAYS:
        stop = on + timedelta(days=1)
        return Period(stop - timedelta(days=DAYS[name]), stop)
    months = MONTHS[name]
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    return Period(first, add_months(first, months))


def before(name: str, period: Period) -> Period:
    """Return the period that ends where this one starts."""
    if name in DAYS:
        return Period(period.start - timedelta(days=DAYS[name]), period.start)
    return Period(add_months(period.start, -MONTHS[name]), period.start)


def back(name: str, on: date, *, count: int) -> list[Period]:
    """Return `count` periods up to the one of the day `on`, oldest first."""
    found = [running(name, on)]
    while len(found) < count:
        found.append(before(name, found[-1]))
    return found[::-1]
