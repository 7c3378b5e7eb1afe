"""Satisfaction and effort from one histogram: share, mean, net and the ends."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.statistics.histograms import Histogram, count_in, on_scale, total, turned_round
from analytics.statistics.means import mean
from analytics.statistics.result import Result
from analytics.statistics.shares import share


@dataclass(frozen=True, slots=True)
class Rating:
    """`satisfied` is the headline share (Wilson), `mean` has the t interval.

    `net` is points: the top scores minus their mirror image at the low end.
    `best` is the share of the highest score, `worst_two` of the lowest two;
    None without answers.
    """

    satisfied: Result
    mean: Result
    net: float | None
    best: float | None
    worst_two: float | None


def rating(
    histogram: Histogram,
    *,
    scale: tuple[int, int],
    threshold: int,
    is_reversed: bool = False,
    level: float = 0.95,
) -> Rating:
    """Summarise ratings; scores from `threshold` up count as satisfied (or easy).

    `is_reversed` is for wording in which a low number is good (CES 1.0).
    Scores off the scale are left out; the middle stays in the base.
    """
    counted = on_scale(histogram, scale)
    if is_reversed:
        counted = turned_round(counted, scale)
    low, high = scale
    n = total(counted)
    top = count_in(counted, range(threshold, high + 1))
    bottom = count_in(counted, range(low, low + high - threshold + 1))
    return Rating(
        satisfied=share(top, n, level=level, convention=f"scores of {threshold} and more"),
        mean=mean(counted, scale=scale, level=level),
        net=100 * (top - bottom) / n if n else None,
        best=counted.get(high, 0) / n if n else None,
        worst_two=count_in(counted, (low, low + 1)) / n if n else None,
    )
