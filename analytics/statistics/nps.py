"""Net promoter score: points, its interval, and whether it moved.

NPS is the mean of +1/0/-1 answers, so it is the difference of two paired
proportions: Tango's score interval (1998) is exact where the usual z interval
misses the truth in up to 77 % of small samples (docs/metrics.md has the
coverage table). Counts may be fractional where weights made them so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil, sqrt

from analytics.statistics.change import Change, no_change_known
from analytics.statistics.quantiles import normal_p, t_for, t_p, z_for
from analytics.statistics.result import Interval, Result, null

CONVENTION = "share of promoters minus share of detractors, in points"
Counts = tuple[int, int, int]
"""Promoters, passives, detractors: always in this order."""

_BISECTIONS = 80


def nps(promoters: int, passives: int, detractors: int, *, level: float = 0.95) -> Result:
    """Return the score in points (-100..100) with Tango's score interval.

    No answers give null "no_responses". `parts` holds the counts, the
    variance on the -1..1 scale and the plug-in standard error in points (for
    formulas only: it is 0 for a single answer, so never draw it).
    """
    n = promoters + passives + detractors
    if not n:
        return null("points", "no_responses", convention=CONVENTION)
    variance = plugin_variance(promoters, detractors, n)
    return Result(
        value=100 * (promoters - detractors) / n,
        unit="points",
        n=n,
        numerator=promoters - detractors,
        denominator=n,
        interval=score_interval(promoters, detractors, n, level=level),
        convention=CONVENTION,
        parts={
            "promoters": promoters,
            "passives": passives,
            "detractors": detractors,
            "variance": variance,
            "se": 100 * sqrt(variance / n),
        },
    )


def plugin_variance(promoters: float, detractors: float, n: float) -> float:
    """Return the variance of one +1/0/-1 answer, 0..1."""
    score = (promoters - detractors) / n
    return max(0.0, (promoters + detractors) / n - score**2)


@lru_cache(maxsize=8192)
def score_interval(
    promoters: float, detractors: float, n: float, *, level: float = 0.95
) -> Interval:
    """Return Tango's score interval in points: what every page shows."""
    z = z_for(level)
    estimate = (promoters - detractors) / n

    def is_outside(delta: float) -> bool:
        distance = (promoters - detractors - n * delta) ** 2
        return distance > z * z * _null_variance(promoters, detractors, n, delta)

    low = _edge(estimate, -1.0, is_outside)
    high = _edge(estimate, 1.0, is_outside)
    return Interval(100 * low, 100 * high, level, "tango score")


def _null_variance(promoters: float, detractors: float, n: float, delta: float) -> float:
    """Return the variance of promoters - detractors if the true score were delta."""
    b = -promoters - detractors + (2 * n - promoters + detractors) * delta
    c = -detractors * delta * (1 - delta)
    q = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    return n * max(0.0, 2 * q + delta * (1 - delta))


def _edge(inside: float, outside: float, is_outside: Callable[[float], bool]) -> float:
    """Bisect for the border between an inside and an outside point."""
    if not is_outside(outside):
        return outside
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        if is_outside(middle):
            outside = middle
        else:
            inside = middle
    return inside


def adjusted_wald(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """Return score and variance of the mean, both padded by 3 answers (-1..1 scale).

    Three imagined answers, a quarter each way and half in the middle (Rocks,
    arXiv 1601.07235). It is the basis of tests of change.
    """
    padded = n + 3
    up, down = (promoters + 0.75) / padded, (detractors + 0.75) / padded
    score = up - down
    return score, (up + down - score**2) / padded


def adjusted_wald_interval(
    promoters: float, detractors: float, n: float, *, level: float = 0.95
) -> Interval:
    """Return the simple second-choice interval in points, clipped to the scale."""
    score, variance = adjusted_wald(promoters, detractors, n)
    half = z_for(level) * sqrt(variance)
    return _clipped(score - half, score + half, level, "adjusted wald +3")


def wald_interval(
    promoters: float, detractors: float, n: float, *, level: float = 0.95
) -> Interval:
    """Return the textbook z interval in points. For comparison only, never shown."""
    score = (promoters - detractors) / n
    half = z_for(level) * sqrt(plugin_variance(promoters, detractors, n) / n)
    return _clipped(score - half, score + half, level, "wald")


def _clipped(low: float, high: float, level: float, method: str) -> Interval:
    return Interval(100 * max(-1.0, low), 100 * min(1.0, high), level, method)


def nps_change(before: Counts, after: Counts, *, level: float = 0.95) -> Change:
    """Compare two independent samples (adjusted Wald, each padded by 3 answers).

    Exact coverage at 10 and 10 answers is never below .943, where the plain
    test falls to .81. The interval is around the padded difference.
    """
    n0, n1 = sum(before), sum(after)
    if not n0 or not n1:
        return no_change_known("points", n_before=n0, n_after=n1, reason="no_responses")
    score0, variance0 = adjusted_wald(before[0], before[2], n0)
    score1, variance1 = adjusted_wald(after[0], after[2], n1)
    adjusted, se = 100 * (score1 - score0), 100 * sqrt(variance0 + variance1)
    half = z_for(level) * se
    plain = 100 * ((after[0] - after[2]) / n1 - (before[0] - before[2]) / n0)
    return Change(
        delta=plain,
        unit="points",
        n_before=n0,
        n_after=n1,
        low=max(-200.0, adjusted - half),
        high=min(200.0, adjusted + half),
        p_value=normal_p(adjusted / se),
        adjusted=adjusted,
        se=se,
        statistic=adjusted / se,
        level=level,
        method="adjusted wald +3",
    )


def nps_change_paired(pairs: Sequence[tuple[int, int]], *, level: float = 0.95) -> Change:
    """Compare the same people asked twice.

    `pairs` holds (before, after) as +1 promoter, 0 passive, -1 detractor, one
    per person. A paired t test on the differences; below two people, or when
    every difference is equal, there is a change but no test of it.
    """
    n = len(pairs)
    if not n:
        return no_change_known("points", n_before=0, n_after=0, reason="no_responses")
    differences = [100 * (after - before) for before, after in pairs]
    mean = sum(differences) / n
    squares = sum((difference - mean) ** 2 for difference in differences)
    if n == 1 or not squares:
        return Change(mean, "points", n, n, level=level, method="paired t")
    se = sqrt(squares / (n - 1) / n)
    half = t_for(level, n - 1) * se
    return Change(
        delta=mean,
        unit="points",
        n_before=n,
        n_after=n,
        low=mean - half,
        high=mean + half,
        p_value=t_p(mean / se, n - 1),
        se=se,
        statistic=mean / se,
        level=level,
        method="paired t",
    )


def needed_answers(
    promoter_share: float, detractor_share: float, *, margin: float, level: float = 0.95
) -> int:
    """Return how many answers bring the interval to `margin` points either way."""
    if margin <= 0:
        raise ValueError(f"a margin of {margin!r} points needs infinitely many answers")
    variance = plugin_variance(promoter_share, detractor_share, 1)
    # a hair of slack: 235.00000000000003 is 235 answers, not 236
    return ceil(z_for(level) ** 2 * variance / (margin / 100) ** 2 - 1e-9)


def smallest_visible_change(
    n: int, *, variance: float = 0.6, power: float = 0.8, level: float = 0.95
) -> float:
    """Return the change in points found with `power` between two samples of n."""
    z = z_for(level) + z_for(2 * power - 1)
    return 100 * z * sqrt(2 * variance / n)
