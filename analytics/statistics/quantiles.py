"""Quantiles and tail areas of the few distributions the statistics need.

`scipy.special` is imported inside the functions: pages that show no t interval
never pay for it. `scipy.stats` is never imported (it costs a second).
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()


@lru_cache(maxsize=64)
def z_for(level: float) -> float:
    """Return the two-sided normal quantile of a confidence level (0.95 -> 1.96)."""
    if not 0 < level < 1:
        raise ValueError(f"level {level!r} is not between 0 and 1")
    return _NORMAL.inv_cdf((1 + level) / 2)


def normal_p(z: float) -> float:
    """Return the two-sided p-value of a standard normal statistic, 0..1."""
    return 2 * _NORMAL.cdf(-abs(z))


def normal_cdf(z: float) -> float:
    return _NORMAL.cdf(z)


def normal_quantile(probability: float) -> float:
    return _NORMAL.inv_cdf(probability)


@lru_cache(maxsize=1024)
def t_for(level: float, degrees: float) -> float:
    """Return the two-sided Student quantile; `degrees` may be fractional (Welch)."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + level) / 2))


def t_p(t: float, degrees: float) -> float:
    """Return the two-sided p-value of a Student statistic, 0..1."""
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(t)))
