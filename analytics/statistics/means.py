"""Means of scores (CES, stars, durations), their intervals and changes."""

from __future__ import annotations

from math import sqrt
from typing import Any

from analytics.statistics.change import Change, no_change_known
from analytics.statistics.histograms import Histogram, Moments, moments
from analytics.statistics.quantiles import normal_cdf, normal_quantile, t_for, t_p
from analytics.statistics.result import Interval, Result, null

_DRAWS = 2000
_SEED = 20_250_101
"""Fixed, so that a page reloaded shows the same bounds."""


def mean(
    histogram: Histogram, *, scale: tuple[float, float] | None = None, level: float = 0.95
) -> Result:
    """Return the mean score with its t interval, clipped to `scale`.

    One answer gives a mean without interval. Equal answers give an interval
    without width: show the share of the top scores beside it.
    """
    found = moments(histogram)
    if found.mean is None:
        return null("mean", "no_responses", convention="arithmetic mean")
    return Result(
        value=found.mean,
        unit="mean",
        n=found.n,
        numerator=sum(score * count for score, count in histogram.items()),
        denominator=found.n,
        interval=t_interval(found, scale=scale, level=level),
        convention="arithmetic mean",
        parts={"sd": found.sd},
    )


def t_interval(
    found: Moments, *, scale: tuple[float, float] | None = None, level: float = 0.95
) -> Interval | None:
    """Return Student's interval in the unit of the scores; None below two answers."""
    if found.mean is None or found.sd is None:
        return None
    half = t_for(level, found.n - 1) * found.sd / sqrt(found.n) if found.sd else 0.0
    low, high = found.mean - half, found.mean + half
    if scale:
        low, high = max(scale[0], low), min(scale[1], high)
    return Interval(low, high, level, "student t")


def mean_change(before: Histogram, after: Histogram, *, level: float = 0.95) -> Change:
    """Compare two independent means with Welch's t test (unequal spreads allowed)."""
    return welch(moments(before), moments(after), level=level)


def welch(before: Moments, after: Moments, *, level: float = 0.95) -> Change:
    """Compare two samples known by their moments.

    A side with one answer, or no spread on either side, leaves a difference
    without interval or test.
    """
    if before.mean is None or after.mean is None:
        return no_change_known("mean", n_before=before.n, n_after=after.n, reason="no_responses")
    delta = after.mean - before.mean
    if before.variance is None or after.variance is None or not before.variance + after.variance:
        return Change(delta, "mean", before.n, after.n, level=level, method="welch t")
    v0, v1 = before.variance / before.n, after.variance / after.n
    se = sqrt(v0 + v1)
    degrees = (v0 + v1) ** 2 / (v0**2 / (before.n - 1) + v1**2 / (after.n - 1))
    half = t_for(level, degrees) * se
    return Change(
        delta=delta,
        unit="mean",
        n_before=before.n,
        n_after=after.n,
        low=delta - half,
        high=delta + half,
        p_value=t_p(delta / se, degrees),
        se=se,
        statistic=delta / se,
        level=level,
        method="welch t",
    )


def bca_interval(
    histogram: Histogram, *, level: float = 0.95, draws: int = _DRAWS
) -> Interval | None:
    """Return the bias-corrected, accelerated bootstrap interval of the mean.

    An extra beside the t interval for small or skewed samples (Efron 1987);
    None when all scores are equal or fewer than two. The seed is fixed.
    """
    import numpy

    found = moments(histogram)
    if found.mean is None or not found.variance:
        return None
    pairs = sorted((score, count) for score, count in histogram.items() if count)
    scores = numpy.array([score for score, _ in pairs], dtype=float)
    counts = numpy.array([count for _, count in pairs])
    draw = numpy.random.default_rng(_SEED).multinomial(found.n, counts / found.n, size=draws)
    means = numpy.sort(draw @ scores / found.n)
    bias = _bias(means, found.mean)
    speed = _acceleration(scores, counts, found.mean)
    low, high = (
        _percentile(means, bias, speed, tail) for tail in ((1 - level) / 2, (1 + level) / 2)
    )
    return Interval(low, high, level, "bca bootstrap")


def _bias(means: Any, estimate: float) -> float:
    """Return z0; ties count half, since means of scores repeat."""
    below = (means < estimate).mean() + (means == estimate).mean() / 2
    edge = 0.5 / len(means)
    return normal_quantile(min(1 - edge, max(edge, float(below))))


def _acceleration(scores: Any, counts: Any, estimate: float) -> float:
    """Return the jackknife skewness of the mean, from grouped scores."""
    away = scores - estimate
    spread = float((counts * away**2).sum())
    return float((counts * away**3).sum()) / (6 * spread**1.5)


def _percentile(means: Any, bias: float, speed: float, tail: float) -> float:
    z = bias + normal_quantile(tail)
    probability = normal_cdf(bias + z / (1 - speed * z))
    index = min(len(means) - 1, max(0, round(probability * (len(means) - 1))))
    return float(means[index])
