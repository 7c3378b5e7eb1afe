"""Small marks several panels draw: a value with its interval on a line."""

from __future__ import annotations

from analytics.charts.bars import Whisker, draw_whisker
from analytics.statistics.result import Result


def place_of(result: Result) -> float | None:
    """Return the value as a place on an axis, None without one."""
    return None if result.value is None else float(result.value)


def whisker_of(result: Result, axis: tuple[float, float], *, zero: float | None) -> Whisker | None:
    if result.value is None or result.interval is None:
        return None
    low, high = float(result.interval.low), float(result.interval.high)
    return draw_whisker(float(result.value), low, high, axis=axis, zero=zero)
