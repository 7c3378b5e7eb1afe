"""Which days a page speaks about, and the equally long days before them.

A period is written in the address (`?period=13w`, or `?from=2026-08-24&to=2026-11-22`
with both ends included), so that every view of the numbers can be shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from outbox.days import local_date

DEFAULT = "13w"
NAMES = ("7d", "30d", "13w", "12m")
LONGEST_DAYS = 3660
_DAYS = {"7d": 7, "30d": 30, "13w": 91}


class BadPeriod(ValueError):
    """The address names no period; the message says which part and what is expected."""


@dataclass(frozen=True, slots=True)
class Period:
    """The local days `start`..`stop` of the workspace, `stop` excluded.

    `name` is one of NAMES, or "custom", or "before" for a period to compare with.
    """

    start: date
    stop: date
    name: str = "custom"

    @property
    def days(self) -> int:
        return (self.stop - self.start).days

    @property
    def last(self) -> date:
        """Return the last day inside."""
        return self.stop - timedelta(days=1)

    @property
    def before(self) -> Period:
        """Return the equally long period that ends where this one starts."""
        return Period(self.start - timedelta(days=self.days), self.start, "before")

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.last.isoformat()}"


def month_of(day: date) -> Period:
    """Return the calendar month a day lies in."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1))


def settling() -> timedelta:
    """Return how long after its end a period still takes in late facts before it is closed."""
    return timedelta(days=settings.SETTLING_DAYS)


def today() -> date:
    """Return the workspace's current day."""
    return local_date(timezone.now())


def period_named(name: str, *, on: date | None = None) -> Period:
    """Return the period of that name ending with the day `on` (included; None = today).

    BadPeriod for a name not in NAMES.
    """
    stop = (on or today()) + timedelta(days=1)
    if name == "12m":
        return Period(_a_year_before(stop), stop, name)
    if name not in _DAYS:
        raise BadPeriod(f"period: {name!r} is not one of {', '.join(NAMES)}")
    return Period(stop - timedelta(days=_DAYS[name]), stop, name)


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def read_period(query: Mapping[str, str], *, on: date | None = None) -> Period:
    """Return the period an address asks for, the default when it asks for none.

    BadPeriod when a part of it cannot be understood.
    """
    if not (query.get("from") or query.get("to")):
        return period_named(query.get("period") or DEFAULT, on=on)
    last = _day("to", query["to"]) if query.get("to") else (on or today())
    start = _day("from", query["from"]) if query.get("from") else last - timedelta(days=90)
    if start > last:
        raise BadPeriod(f"from: {start} is after to: {last}")
    if (last - start).days >= LONGEST_DAYS:
        raise BadPeriod(f"from: {start} is more than ten years before to: {last}")
    return Period(start, last + timedelta(days=1))


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadPeriod(f"{name}: {text!r} is not a day like 2026-08-24") from None
    if not 1990 <= day.year <= 2100:
        raise BadPeriod(f"{name}: {day} is not a day of this century")
    return day


def query_of(period: Period) -> dict[str, str]:
    """Return the address parameters that bring this period back."""
    if period.name in NAMES:
        return {} if period.name == DEFAULT else {"period": period.name}
    return {"from": period.start.isoformat(), "to": period.last.isoformat()}
