"""A histogram of scores, and what can be read straight off it.

Everything the product shows about answers is a function of such a mapping
(score -> count), so that pages need tallies and never the responses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

Histogram = Mapping[int, int]
Bands = Mapping[str, Collection[int]]


@dataclass(frozen=True, slots=True)
class Moments:
    """`n` answers with `mean` and sample `variance` (None below two answers)."""

    n: int
    mean: float | None
    variance: float | None

    @property
    def sd(self) -> float | None:
        return None if self.variance is None else sqrt(self.variance)


def total(histogram: Histogram) -> int:
    return sum(histogram.values())


def count_in(histogram: Histogram, scores: Collection[int]) -> int:
    """Return how many answers have one of `scores`."""
    return sum(histogram.get(score, 0) for score in scores)


def band_counts(histogram: Histogram, bands: Bands) -> dict[str, int]:
    """Return the number of answers in each band, in the order of `bands`."""
    return {name: count_in(histogram, scores) for name, scores in bands.items()}


def on_scale(histogram: Histogram, scale: tuple[int, int]) -> dict[int, int]:
    """Return the part of a histogram that lies on `scale` (both ends included)."""
    low, high = scale
    return {score: n for score, n in sorted(histogram.items()) if low <= score <= high and n}


def turned_round(histogram: Histogram, scale: tuple[int, int]) -> dict[int, int]:
    """Mirror scores on their scale, for wording in which a low number is good."""
    low, high = scale
    return {low + high - score: n for score, n in histogram.items()}


def merged(histograms: Iterable[Histogram]) -> dict[int, int]:
    """Add histograms; the order does not matter."""
    counts: Counter[int] = Counter()
    for histogram in histograms:
        counts.update(histogram)
    return dict(sorted(counts.items()))


def moments(histogram: Histogram) -> Moments:
    """Return n, mean and sample variance of the scores."""
    n = total(histogram)
    if not n:
        return Moments(0, None, None)
    mean = sum(score * count for score, count in histogram.items()) / n
    if n == 1:
        return Moments(n, mean, None)
    squares = sum(count * (score - mean) ** 2 for score, count in histogram.items())
    return Moments(n, mean, squares / (n - 1))
