"""Reading a case's input: tables, days, instants and exact amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics.statistics.result import Interval, Result
from analytics.success.metrics.facts import Rates
from analytics.success.metrics.money import exact

Input = Mapping[str, Any]
Output = dict[str, Any]


def table(given: Input, key: str = "rows") -> list[dict[str, Any]]:
    """Return the rows under `key` as dicts named by `columns`."""
    return [dict(zip(given["columns"], row, strict=True)) for row in given[key]]


def day(text: str | None) -> date | None:
    return None if text is None else the_day(text)


def the_day(text: str) -> date:
    return date.fromisoformat(text[:10])


def instant(text: str | None) -> datetime | None:
    return None if text is None else the_instant(text)


def the_instant(text: str) -> datetime:
    """Return an aware instant; a bare day is its midnight in UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def amount(number: float | int | None) -> Decimal:
    return exact(number or 0)


def rates(given: Mapping[str, float]) -> Rates:
    return {currency: exact(rate) for currency, rate in given.items()}


def level(given: Input) -> float:
    return float(given.get("level", 0.95))


def histogram(given: Mapping[str, int]) -> dict[int, int]:
    return {int(score): int(count) for score, count in given.items()}


def bounds(interval: Interval | None, low: str, high: str) -> Output:
    """Return both ends under the case's names, None without an interval."""
    if interval is None:
        return {low: None, high: None}
    return {low: interval.low, high: interval.high}


def with_reason(output: Output, result: Result) -> Output:
    """Add the reason of a result that has no value."""
    return {**output, "reason": result.reason} if result.reason else output


def take(parts: Mapping[str, Any], names: Sequence[str]) -> Output:
    return {name: parts.get(name) for name in names}
