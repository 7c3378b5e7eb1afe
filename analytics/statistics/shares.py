"""Shares (CSAT, CES, churn, any k of n) and whether a share moved.

Wilson's interval for one share, Newcombe's hybrid score interval and the
"N - 1" chi-square test for a difference, Goodman's simultaneous interval for
several shares of one whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from analytics.statistics.change import Change, no_change_known
from analytics.statistics.quantiles import normal_p, normal_quantile, z_for
from analytics.statistics.result import Interval, Reason, Result, null


def share(
    count: int,
    total: int,
    *,
    level: float = 0.95,
    convention: str = "",
    reason: Reason = "no_responses",
) -> Result:
    """Return `count` of `total` as a fraction with its Wilson interval.

    An empty base gives null with `reason` ("no_responses" for surveys,
    "no_population" for facts).
    """
    if not 0 <= count <= max(total, 0):
        raise ValueError(f"{count} of {total} is not a share")
    if not total:
        return null("fraction", reason, convention=convention)
    return Result(
        value=count / total,
        unit="fraction",
        n=total,
        numerator=count,
        denominator=total,
        interval=wilson(count, total, level=level),
        convention=convention,
    )


def wilson(count: float, total: float, *, level: float = 0.95) -> Interval:
    """Return Wilson's score interval as fractions; `total` may be an effective n."""
    if total <= 0:
        raise ValueError("an interval needs at least one answer")
    z = z_for(level)
    p = count / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(p * (1 - p) / total + z * z / (4 * total**2)) / (1 + z * z / total)
    # rounding would leave 0.9999999999999999 where the bound is exactly 1
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == total else min(1.0, centre + half)
    return Interval(low, high, level, "wilson")


def share_change(before: tuple[int, int], after: tuple[int, int], *, level: float = 0.95) -> Change:
    """Compare two independent shares, each as (count, total).

    `delta` is a fraction: 0.108 reads "+10.8 pp". The interval is Newcombe's
    hybrid score, the test is the N - 1 chi-square.
    """
    (k0, n0), (k1, n1) = before, after
    if not n0 or not n1:
        return no_change_known("fraction", n_before=n0, n_after=n1, reason="no_responses")
    delta = k1 / n1 - k0 / n0
    low, high = _newcombe(before, after, level=level)
    z = _z_n_minus_1(before, after)
    return Change(
        delta=delta,
        unit="fraction",
        n_before=n0,
        n_after=n1,
        low=low,
        high=high,
        p_value=normal_p(z),
        statistic=z,
        level=level,
        method="newcombe",
    )


def _newcombe(
    before: tuple[int, int], after: tuple[int, int], *, level: float
) -> tuple[float, float]:
    p0, p1 = before[0] / before[1], after[0] / after[1]
    old, new = wilson(*before, level=level), wilson(*after, level=level)
    down = sqrt((p1 - float(new.low)) ** 2 + (float(old.high) - p0) ** 2)
    up = sqrt((float(new.high) - p1) ** 2 + (p0 - float(old.low)) ** 2)
    return p1 - p0 - down, p1 - p0 + up


def _z_n_minus_1(before: tuple[int, int], after: tuple[int, int]) -> float:
    (k0, n0), (k1, n1) = before, after
    n = n0 + n1
    pooled = (k0 + k1) / n
    if pooled in (0, 1):
        return 0.0
    variance = pooled * (1 - pooled) * (1 / n0 + 1 / n1) * n / (n - 1)
    return (k1 / n1 - k0 / n0) / sqrt(variance)


@dataclass(frozen=True, slots=True)
class SimultaneousShare:
    """One category of several, with bounds that hold for all of them at once."""

    count: int
    value: float
    interval: Interval


def goodman(counts: Sequence[int], *, level: float = 0.95) -> list[SimultaneousShare]:
    """Return simultaneous intervals for the shares of one whole (Goodman 1965).

    For the bands of a survey side by side, never for their difference. An
    empty whole gives an empty list.
    """
    total = sum(counts)
    if not total:
        return []
    quantile = normal_quantile(1 - (1 - level) / (2 * len(counts))) ** 2
    return [
        SimultaneousShare(count, count / total, _goodman_interval(count, total, quantile, level))
        for count in counts
    ]


def _goodman_interval(count: int, total: int, quantile: float, level: float) -> Interval:
    root = sqrt(quantile * (quantile + 4 * count * (total - count) / total))
    scale = 2 * (total + quantile)
    low = (quantile + 2 * count - root) / scale
    high = (quantile + 2 * count + root) / scale
    return Interval(max(0.0, low), min(1.0, high), level, "goodman")
