"""Middle and tail of plain values (seconds, days): what a mean alone hides."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` (0..1) of `values` lie; None for none.

    Linear between the two neighbours (the spreadsheet's PERCENTILE.INC).
    """
    return percentiles(values, share)[0]


def percentiles(values: Sequence[float], *shares: float) -> list[float | None]:
    """Return the value below which each share of `values` lies, sorting them once.

    An `array` is sorted as it is, eight bytes a value.
    """
    if not len(values):
        return [None for _share in shares]
    ordered = sorted_array(values) if isinstance(values, array) else sorted(values)
    return [_at(ordered, share * (len(ordered) - 1)) for share in shares]


def distinct(values: array[int]) -> int:
    """Return how many different numbers there are."""
    if not len(values):
        return 0
    ordered = sorted_array(values)
    return int((ordered[1:] != ordered[:-1]).sum()) + 1


def sorted_array(values: array[Any]) -> Any:
    """Return the numbers of an array in order, as compact as they came."""
    import numpy

    return numpy.sort(numpy.frombuffer(values, dtype=values.typecode))


def _at(ordered: Any, place: float) -> float:
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def median_of(counted: Mapping[int, int]) -> float | None:
    """Return the median of whole numbers told as number -> how often."""
    total = sum(counted.values())
    if not total:
        return None
    middle = (total - 1) / 2
    low, high = (_counted_at(counted, place) for place in (int(middle), int(middle + 0.5)))
    return low + (middle - int(middle)) * (high - low)


def _counted_at(counted: Mapping[int, int], place: int) -> int:
    """Return the number at a place, from 0, of all of them in order."""
    for number in sorted(counted):
        place -= counted[number]
        if place < 0:
            return number
    raise IndexError(place)


def median(values: Sequence[float]) -> float | None:
    return percentile(values, 0.5)


def average(values: Sequence[float]) -> float | None:
    """Return the mean, the same in whatever order the values come."""
    return fsum(values) / len(values) if len(values) else None
