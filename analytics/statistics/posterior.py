"""Probability statements about NPS: "the score is above zero with 98.7 %".

The shares get Jeffreys' Dirichlet prior (one half each). With posterior
weights a, b, c the score is S(2U - 1), S ~ Beta(a + c, b), U ~ Beta(a, c), so
its distribution is a single integral. For statements only; the interval on
every page is `nps.score_interval`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import asin, pi, sqrt
from typing import Any

from analytics.statistics.result import Interval, Result, null

_NODES = 200
_METHOD = "dirichlet"


@dataclass(frozen=True, slots=True)
class NpsPosterior:
    """What is believed about the true score after the answers and a prior."""

    promoters: float
    passives: float
    detractors: float

    @property
    def mean(self) -> float:
        """Return the expected score in points."""
        total = self.promoters + self.passives + self.detractors
        return 100 * (self.promoters - self.detractors) / total

    def probability_above(self, points: float) -> float:
        """Return the probability, 0..1, that the true score exceeds `points`."""
        return 1 - self._cdf(points / 100)

    def quantile(self, probability: float) -> float:
        """Return the score in points below which the truth lies with `probability`."""
        low, high = -1.0, 1.0
        while high - low > 1e-9:
            middle = (low + high) / 2
            if self._cdf(middle) < probability:
                low = middle
            else:
                high = middle
        return 50 * (low + high)

    def interval(self, level: float = 0.95) -> Interval:
        """Return the central credible interval in points."""
        tail = (1 - level) / 2
        return Interval(self.quantile(tail), self.quantile(1 - tail), level, _METHOD)

    def _cdf(self, score: float) -> float:
        if score <= -1 or score >= 1:
            return float(score >= 1)
        low, high = _bulk(self.promoters + self.detractors, self.passives)
        edge = min(max(asin(sqrt(abs(score))), low), high)
        parts = ((low, edge), (edge, high))
        area = sum(self._piece(a, b, score) for a, b in parts if a < b)
        return min(1.0, max(0.0, area))

    def _piece(self, start: float, stop: float, score: float) -> float:
        """Integrate P(U <= (score/s + 1)/2) over s = sin^2(angle).

        The substitution and the tanh-sinh nodes tame the infinite slopes that
        half-integer weights leave at both ends.
        """
        import numpy
        from scipy.special import betainc, betaln

        nodes, weights = _tanh_sinh()
        angle = start + (stop - start) * nodes
        s = numpy.sin(angle) ** 2
        a, b = self.promoters + self.detractors, self.passives
        share = numpy.clip((score / numpy.maximum(s, 1e-300) + 1) / 2, 0.0, 1.0)
        with numpy.errstate(divide="ignore"):
            log_density = (
                (2 * a - 1) * numpy.log(numpy.sin(angle))
                + (2 * b - 1) * numpy.log(numpy.cos(angle))
                - betaln(a, b)
            )
        values = 2 * numpy.exp(log_density) * betainc(self.promoters, self.detractors, share)
        return float((stop - start) * numpy.sum(weights * numpy.nan_to_num(values)))


@lru_cache(maxsize=64)
def _bulk(a: float, b: float) -> tuple[float, float]:
    """Return the angles that hold all but 1e-14 of S: many answers make a narrow peak."""
    from scipy.special import betainccinv, betaincinv

    low, high = betaincinv(a, b, 1e-14), betainccinv(a, b, 1e-14)
    return asin(sqrt(float(low))), asin(sqrt(float(high)))


@lru_cache(maxsize=1)
def _tanh_sinh() -> tuple[Any, Any]:
    """Return nodes and weights of the double exponential rule on (0, 1)."""
    import numpy

    step = 6.4 / _NODES
    t = step * numpy.arange(-_NODES // 2, _NODES // 2 + 1)
    u = pi / 2 * numpy.sinh(t)
    nodes = 1 / (1 + numpy.exp(-2 * u))
    weights = step * (pi / 4) * numpy.cosh(t) / numpy.cosh(u) ** 2
    return nodes, weights


def nps_posterior(
    promoters: int, passives: int, detractors: int, *, prior: float = 0.5
) -> NpsPosterior:
    """Return the posterior of the score; `prior` is added to each of the three counts."""
    return NpsPosterior(promoters + prior, passives + prior, detractors + prior)


def probability_positive(
    promoters: int, passives: int, detractors: int, *, prior: float = 0.5, level: float = 0.95
) -> Result:
    """Return the probability that the true NPS is above zero, as a fraction.

    `parts` holds the posterior mean and the credible bounds in points.
    """
    n = promoters + passives + detractors
    if not n:
        return null("fraction", "no_responses")
    posterior = nps_posterior(promoters, passives, detractors, prior=prior)
    credible = posterior.interval(level)
    return Result(
        value=posterior.probability_above(0),
        unit="fraction",
        n=n,
        convention=f"Dirichlet posterior, prior {prior:g} each",
        parts={"mean": posterior.mean, "low": credible.low, "high": credible.high},
    )
