"""Exact money: amounts stay Decimal, and no total mixes currencies."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from analytics.statistics.result import Number
from analytics.success.metrics.facts import Rates

ZERO = Decimal(0)


def exact(number: Number | int) -> Decimal:
    """Return a number as Decimal by its shortest decimal form (0.1 is 0.1)."""
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def fraction(part: Decimal, whole: Decimal) -> float | None:
    """Return part / whole, None over nothing."""
    return float(part / whole) if whole else None


def rate_of(currency: str, rates: Rates, base: str) -> Decimal | None:
    """Return what one unit of `currency` is worth in `base`; None if unknown."""
    return Decimal(1) if currency == base else rates.get(currency)


def missing_rates(currencies: Iterable[str], rates: Rates, base: str) -> list[str]:
    """Return the currencies without a rate, sorted; a total over them would be a lie."""
    return sorted({c for c in currencies if rate_of(c, rates, base) is None})
