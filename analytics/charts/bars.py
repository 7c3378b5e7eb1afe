"""Marks on one line: whiskers, the score ruler, bars. In percent, so that they stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.axes import Axis, percent, steps, widened


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval on a line of its own; places are SVG percentages."""

    at: str
    low: str
    high: str
    width: str
    zero: str  # where the line of comparison stands, "" without one


def draw_whisker(
    value: float,
    low: float,
    high: float,
    *,
    axis: tuple[float, float],
    zero: float | None = None,
) -> Whisker:
    place = Axis(axis[0], axis[1], 0.0, 1.0)
    return Whisker(
        at=percent(place.clipped(value)),
        low=percent(place.clipped(low)),
        high=percent(place.clipped(high)),
        width=percent(place.clipped(high) - place.clipped(low)),
        zero="" if zero is None else percent(place.clipped(zero)),
    )


def axis_for(
    values: Sequence[float], *, bounds: tuple[float, float], least: float
) -> tuple[float, float]:
    """Return round ends of a line that shows all `values` and spans at least `least`."""
    if not values:
        return bounds
    low, high = widened(
        min(values), max(values), least=least, floor_at=bounds[0], ceil_at=bounds[1]
    )
    ticks = steps(low, high, most=6)
    return max(bounds[0], ticks[0]), min(bounds[1], ticks[-1])


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar: `top` and `height` in percent of the room, at least a hair high."""

    top: str
    height: str


def draw_columns(counts: Sequence[float], *, of: float | None = None) -> tuple[Column, ...]:
    """Return bars for counts, the tallest (or `of`) filling the room."""
    tallest = of if of is not None else max(counts, default=0.0)
    heights = [count / tallest if tallest else 0.0 for count in counts]
    heights = [max(h, 0.012) if count else 0.0 for h, count in zip(heights, counts, strict=True)]
    return tuple(Column(percent(1 - h), percent(h)) for h in heights)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bars that grow away from one line: `bad` to the left from `left`, `good` to the right."""

    left: str
    bad: str
    good: str


def draw_pair(bad: float, good: float, *, bad_of: float, good_of: float) -> Pair:
    """Return both bars; each side has its own longest and leaves room for a number."""
    room = 0.8
    left = room * bad / bad_of if bad_of else 0.0
    right = room * good / good_of if good_of else 0.0
    return Pair(percent(1 - left), percent(left), percent(right))


def draw_lengths(counts: Sequence[float], *, of: float | None = None) -> tuple[str, ...]:
    """Return the widths of lying bars, the longest (or `of`) filling the room."""
    longest = of if of is not None else max(counts, default=0.0)
    return tuple(percent(count / longest if longest else 0.0) for count in counts)
