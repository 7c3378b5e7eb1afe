"""Which days a metric speaks about: a month unless the address says otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from analytics.periods import (
    NAMES,
    BadPeriod,
    Period,
    month_of,
    query_of,
    read_period,
    today,
)
from analytics.success.metrics.periods import add_months

_MONTH = re.compile(r"(\d{4})-(\d\d)")


def last_month(on: date | None = None) -> Period:
    """Return the last calendar month that is over."""
    first = (on or today()).replace(day=1)
    return month_of(first - timedelta(days=1))


def read_span(query: Mapping[str, str], *, on: date | None = None) -> Period:
    """Return the period an address asks for: `period=2026-10`, a named one, or from and to.

    Nothing asked is the last month that is over. BadPeriod when a part of it
    cannot be understood.
    """
    name = query.get("period", "")
    if query.get("from") or query.get("to") or name in NAMES:
        return read_period(query, on=on)
    if not name:
        return last_month(on)
    found = _MONTH.fullmatch(name)
    if not found or not 1 <= int(found[2]) <= 12 or not 1990 <= int(found[1]) <= 2100:
        raise BadPeriod(f"period: {name[:40]!r} is no month like 2026-10, nor {', '.join(NAMES)}")
    return month_of(date(int(found[1]), int(found[2]), 1))


def year_to(period: Period) -> Period:
    """Return the twelve months that end with a period, or the period if it is longer."""
    return Period(min(period.start, add_months(period.stop, -12)), period.stop)


def months_in(period: Period) -> Decimal:
    """Return the length of a period in months; whole calendar months are whole numbers."""
    months = (period.stop.year - period.start.year) * 12 + period.stop.month - period.start.month
    if months and add_months(period.start, months) == period.stop:
        return Decimal(months)
    return Decimal(period.days * 12) / 365


def name_of(period: Period) -> str:
    """Return "2026-10" for a calendar month, "" for any other period."""
    return f"{period.start:%Y-%m}" if period == _as_month(period) else ""


def span_query(period: Period) -> dict[str, str]:
    """Return the address parameters that bring this period back on a page of metrics."""
    name = name_of(period) or (period.name if period.name in NAMES else "")
    return {"period": name} if name else query_of(period)


def _as_month(period: Period) -> Period:
    month = month_of(period.start)
    return Period(month.start, month.stop, period.name)
