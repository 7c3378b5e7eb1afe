"""Axes: from values to places, and round numbers to label them with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10


def px(value: float) -> str:
    """Return a coordinate as SVG wants it: a point, at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def percent(fraction: float) -> str:
    """Return 0..1 as an SVG percentage, clipped to what can be seen."""
    return f"{100 * min(1.0, max(0.0, fraction)):.2f}%"


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps `low`..`high` to `start`..`end` (pixels; either direction)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + (self.end - self.start) * share

    def clipped(self, value: float) -> float:
        return self.at(min(self.high, max(self.low, value)))


def steps(low: float, high: float, *, most: int = 5) -> list[float]:
    """Return round values (1, 2, 2.5 or 5 times a power of ten) that cover low..high."""
    span = high - low
    if span < 1e-9:  # nothing the eye or the rounding below could tell apart
        return [low]
    raw = span / max(1, most - 1)
    power = 10.0 ** floor(log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * index, 10) for index in range(first, last + 1)]


def widened(
    low: float, high: float, *, least: float, floor_at: float, ceil_at: float
) -> tuple[float, float]:
    """Return low..high stretched to span `least`, slid so that it stays within its bounds."""
    low, high = max(floor_at, low), min(ceil_at, high)
    missing = max(0.0, least - (high - low)) / 2
    low, high = low - missing, high + missing
    slide = max(0.0, floor_at - low) - max(0.0, high - ceil_at)
    return max(floor_at, low + slide), min(ceil_at, high + slide)


def domain(
    values: Iterable[float], *, floor_at: float, ceil_at: float, least: float, most: int = 5
) -> list[float]:
    """Return the labelled values of an axis that shows all `values`.

    The axis spans at least `least`, so that noise is not blown up, and stays
    within `floor_at`..`ceil_at`, the ends of what the value can be.
    """
    known = list(values)
    low, high = (min(known), max(known)) if known else (floor_at, ceil_at)
    low, high = widened(low, high, least=least, floor_at=floor_at, ceil_at=ceil_at)
    ticks = steps(low, high, most=most)
    return [tick for tick in ticks if floor_at - 1e-9 <= tick <= ceil_at + 1e-9] or [low, high]


def thinned(items: Sequence[int], *, most: int) -> list[int]:
    """Return at most `most` of the items, evenly spread, the first always among them."""
    if len(items) <= most:
        return list(items)
    stride = ceil(len(items) / most)
    return list(items[::stride])
