"""Weighted answers: post-stratification, and how many answers they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from analytics.statistics.nps import score_interval
from analytics.statistics.result import Result, null

TRIM_AT = 5.0
"""A single answer never speaks for more than five."""


def kish_n(weights: Iterable[float]) -> float:
    """Return the effective number of answers, (sum w)^2 / sum w^2 (Kish); 0 for none."""
    listed = list(weights)
    squares = sum(w * w for w in listed)
    return sum(listed) ** 2 / squares if squares else 0.0


@dataclass(frozen=True, slots=True)
class Stratum:
    """A known slice of the population: `n` answers with mean `score`, `size` people."""

    name: str
    n: int
    size: float
    score: float | None


@dataclass(frozen=True, slots=True)
class Poststratified:
    """Raw and weighted score side by side; `n_eff` belongs in every further formula."""

    raw: float
    weighted: float
    weights: tuple[float, ...]
    n_eff: float
    n: int


def poststratify(strata: Sequence[Stratum], *, trim_at: float = TRIM_AT) -> Poststratified:
    """Weight answers so that each stratum counts as much as its people.

    ValueError for a stratum with people but no answers: merge it with a
    neighbour first, nothing is extrapolated. Strata without people drop out.
    """
    counted = [stratum for stratum in strata if stratum.n or stratum.size]
    empty = [stratum.name for stratum in counted if not stratum.n or stratum.score is None]
    if empty:
        raise ValueError(f"no answers from {', '.join(empty)}: merge with another stratum")
    n, size = sum(s.n for s in counted), sum(s.size for s in counted)
    if not n or not size:
        raise ValueError("weighting needs answers and a known population")
    weights = tuple(min(trim_at, (s.size / size) / (s.n / n)) for s in counted)
    mass = sum(w * s.n for w, s in zip(weights, counted, strict=True))
    return Poststratified(
        raw=sum(s.n * (s.score or 0.0) for s in counted) / n,
        weighted=sum(w * s.n * (s.score or 0.0) for w, s in zip(weights, counted, strict=True))
        / mass,
        weights=weights,
        n_eff=mass**2 / sum(w * w * s.n for w, s in zip(weights, counted, strict=True)),
        n=n,
    )


def account_weights(accounts: Sequence[str]) -> list[float]:
    """Return 1 / answers of the account for each answer, so that accounts count alike."""
    counts: dict[str, int] = {}
    for account in accounts:
        counts[account] = counts.get(account, 0) + 1
    return [1 / counts[account] for account in accounts]


def weighted_nps(answers: Sequence[tuple[int, float]], *, level: float = 0.95) -> Result:
    """Return NPS of weighted answers, each (+1 promoter / 0 / -1 detractor, weight).

    The interval and `parts["se"]` use the effective n; `parts["deff"]` is the
    design effect n / n_eff.
    """
    mass = sum(weight for _, weight in answers)
    if not mass:
        return null("points", "no_responses")
    n, n_eff = len(answers), kish_n(weight for _, weight in answers)
    up = sum(weight for value, weight in answers if value > 0) / mass
    down = sum(weight for value, weight in answers if value < 0) / mass
    variance = up + down - (up - down) ** 2
    return Result(
        value=100 * (up - down),
        unit="points",
        n=n,
        interval=score_interval(up * n_eff, down * n_eff, n_eff, level=level),
        convention="weighted",
        parts={"n_eff": n_eff, "deff": n / n_eff, "se": 100 * sqrt(max(0.0, variance) / n_eff)},
    )
