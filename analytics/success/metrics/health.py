"""Account health: a weighted component score 0-100, higher is healthier.

Missing parts are renormalised, never 0 and never the mean; too little
coverage is null. No z-scores: a neighbour's fall must not lift an account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from analytics.statistics.mix import effects
from analytics.statistics.result import Result, null

Band = Literal["red", "yellow", "green"]
Outlook = Literal["grow", "renew_flat", "churn_risk"]

BANDS: tuple[Band, ...] = ("red", "yellow", "green")
EDGES = (50.0, 75.0)
"""The upper end of red and of yellow; both belong to the lower band."""
HYSTERESIS = 2.0
MIN_COVERAGE = 0.6
PRIOR_ANSWERS = 3
FRESH_DAYS = {"usage": 14, "feedback": 180, "pulse": 90}
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Component:
    """One part: `weight` in any unit, `score` 0..100 or None when missing."""

    name: str
    weight: float
    score: float | None


def linear_score(value: float | None, *, worst: float, best: float) -> float | None:
    """Return 0 at `worst`, 100 at `best`, held at both ends; `worst` may be the larger."""
    if value is None:
        return None
    if worst == best:
        raise ValueError(f"worst and best are both {best}: the curve has no direction")
    return min(100.0, max(0.0, 100 * (value - worst) / (best - worst)))


def broken_line_score(value: float | None, points: Sequence[tuple[float, float]]) -> float | None:
    """Return the score on straight lines between (value, score) points, flat outside."""
    if value is None:
        return None
    line = sorted(points)
    if not line:
        raise ValueError("a curve needs at least one point")
    if value <= line[0][0]:
        return line[0][1]
    for (x0, y0), (x1, y1) in pairwise(line):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return line[-1][1]


def shrunk_mean(
    mean: float | None, n: int, *, prior_mean: float, prior_n: float = PRIOR_ANSWERS
) -> float | None:
    """Pull an account's few answers towards everybody's; no answer stays missing."""
    if not n or mean is None:
        return None
    return (n * mean + prior_n * prior_mean) / (n + prior_n)


def fresh(score: float | None, *, measured: date, as_of: date, days: int) -> float | None:
    """Return a score while it is fresh; older than `days` it counts as missing."""
    return score if as_of - measured <= timedelta(days=days) else None


def health_score(components: Sequence[Component], *, min_coverage: float = MIN_COVERAGE) -> Result:
    """Return the weighted score of the components present.

    `parts`: coverage (share of weight present), band, effective weights, and
    points lost per component, which add up to 100 - score. No weights at all
    is null "not_configured", too little coverage "insufficient_data".
    """
    if any(component.weight < 0 for component in components):
        raise ValueError("a component's weight cannot be negative")
    whole = sum(component.weight for component in components)
    if not whole:
        return null("score", "not_configured", parts={"coverage": None, "band": None})
    weights = effective_weights(components)
    present = [c for c in components if c.name in weights]
    coverage = sum(component.weight for component in present) / whole
    if not weights or coverage < min_coverage - _TINY:
        parts = {"coverage": coverage, "band": None}
        return null("score", "insufficient_data", n=len(present), parts=parts)
    score = sum(weights[c.name] * (c.score or 0.0) for c in present)
    return Result(
        value=score,
        unit="score",
        n=len(present),
        convention="weighted mean of the components present",
        parts={
            "coverage": coverage,
            "band": band_of(score),
            "weights": weights,
            "points_lost": {c.name: weights[c.name] * (100 - (c.score or 0.0)) for c in present},
        },
    )


def effective_weights(components: Sequence[Component]) -> dict[str, float]:
    """Return the weights of the components present, adding up to 1."""
    present = [c for c in components if c.score is not None and c.weight]
    total = sum(component.weight for component in present)
    return {component.name: component.weight / total for component in present}


def band_of(score: float, *, previous: Band | None = None, hysteresis: float = HYSTERESIS) -> Band:
    """Return the band of an unrounded score.

    With the `previous` band the account stays there until the score is past
    the edge by more than `hysteresis` points.
    """
    if previous is not None:
        low, high = _position(score - hysteresis), _position(score + hysteresis)
        if low <= BANDS.index(previous) <= high:
            return previous
    return BANDS[_position(score)]


def _position(score: float) -> int:
    # sums of weights leave 75.00000000000001 where 75 is meant
    return sum(score > edge + _TINY for edge in EDGES)


def outlook(band: Band, *, has_expansion_signal: bool) -> Outlook:
    """Return the plain expectation until the score is calibrated against renewals."""
    if band == "red":
        return "churn_risk"
    return "grow" if band == "green" and has_expansion_signal else "renew_flat"


def has_fallen(now: float, before: float, *, points: float = 15.0) -> bool:
    """Say whether a score dropped enough in 30 days to warn."""
    return before - now >= points


@dataclass(frozen=True, slots=True)
class Override:
    """A person's judgement beside the score, never inside it."""

    band: Band
    author: str
    note: str
    expires_at: datetime


def shown_band(computed: Band | None, override: Override | None, *, at: datetime) -> Band | None:
    """Return the override's band until it expires, then the computed one."""
    return override.band if override and at < override.expires_at else computed


@dataclass(frozen=True, slots=True)
class HealthChange:
    """Why a score moved: (score effect, weight effect) by component add up to the change."""

    before: float
    after: float
    by_component: Mapping[str, tuple[float, float]]

    @property
    def total(self) -> float:
        return self.after - self.before


def health_change(before: Sequence[Component], after: Sequence[Component]) -> HealthChange | None:
    """Explain a change of the same definition; None if either side has nothing present.

    A part that merely expired shows as a weight effect, not as a fall.
    """
    old, new = effective_weights(before), effective_weights(after)
    if not old or not new:
        return None
    scores0 = {c.name: c.score for c in before if c.name in old}
    scores1 = {c.name: c.score for c in after if c.name in new}
    total0 = sum(old[name] * (score or 0.0) for name, score in scores0.items())
    total1 = sum(new[name] * (score or 0.0) for name, score in scores1.items())
    names = dict.fromkeys([*(c.name for c in before), *(c.name for c in after)])
    parts = {}
    for name in names:
        weight, score = effects(
            old.get(name, 0.0), scores0.get(name), new.get(name, 0.0), scores1.get(name),
            middle=(total0 + total1) / 2,
        )  # fmt: skip
        parts[name] = (score, weight)
    return HealthChange(total0, total1, parts)
