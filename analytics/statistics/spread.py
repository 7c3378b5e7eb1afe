"""Middle and tail of plain values (seconds, days): what a mean alone hides."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` (0..1) of `values` lie; None for none.

    Linear between the two neighbours (the spreadsheet's PERCENTILE.INC).
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Sequence[float]) -> float | None:
    return percentile(values, 0.5)


def average(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
