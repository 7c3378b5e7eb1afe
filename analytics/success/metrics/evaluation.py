"""Does a predicted probability deserve trust? Measured on answers it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

from analytics.statistics.result import Interval
from analytics.statistics.shares import wilson
from analytics.statistics.spread import percentile

BINS = 5
_EDGE = 1e-15
_DRAWS = 1000
_SEED = 20_250_104


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Predictions of one fifth of the scale: mean predicted, share that came true."""

    n: int
    predicted: float
    observed: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Quality of probabilities against 0/1 outcomes.

    `auc` 0.5 is chance, None with one class only; `brier` lower is better;
    `skill` is 1 - brier / reference, None when the reference is 0; `ece` is
    the mean gap between predicted and observed over the bins.
    """

    n: int
    auc: float | None
    brier: float
    brier_reference: float
    skill: float | None
    log_loss: float
    ece: float
    bins: tuple[ReliabilityBin, ...]


def evaluate(
    outcomes: Sequence[int], predicted: Sequence[float], *, bins: int = BINS
) -> Evaluation | None:
    """Compare probabilities with what happened; None without any outcome."""
    if len(outcomes) != len(predicted):
        raise ValueError(f"{len(outcomes)} outcomes but {len(predicted)} predictions")
    n = len(outcomes)
    if not n:
        return None
    base = sum(outcomes) / n
    brier = sum((p - y) ** 2 for y, p in zip(outcomes, predicted, strict=True)) / n
    reference = base * (1 - base)
    fifths = reliability(outcomes, predicted, bins=bins)
    return Evaluation(
        n=n,
        auc=auc(outcomes, predicted),
        brier=brier,
        brier_reference=reference,
        skill=1 - brier / reference if reference else None,
        log_loss=_log_loss(outcomes, predicted),
        ece=sum(b.n * abs(b.predicted - b.observed) for b in fifths) / n,
        bins=fifths,
    )


def auc(outcomes: Sequence[int], scores: Sequence[float]) -> float | None:
    """Return the chance that a positive outranks a negative, ties half; None for one class."""
    positives = sum(outcomes)
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        return None
    ranks = _mid_ranks(scores)
    held = sum(rank for rank, y in zip(ranks, outcomes, strict=True) if y)
    return (held - positives * (positives + 1) / 2) / (positives * negatives)


def auc_interval(value: float, *, positives: int, negatives: int, level: float = 0.95) -> Interval:
    """Return the interval of an AUC, sensible up to 0 and 1 where others collapse to a point.

    Newcombe 2006, method 5: each end is the AUC from which `value` lies just z
    standard errors away, by Hanley and McNeil's variance with both groups
    taken as equally large in its correction.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    extra = (positives + negatives) / 2 - 1

    def distance(at: float) -> float:
        spread = 1 + extra * (1 - at) / (2 - at) + extra * at / (1 + at)
        return z * sqrt(max(0.0, at * (1 - at) * spread) / (positives * negatives))

    low = _crossing(0.0, value, lambda at: value - at <= distance(at))
    high = 1 - _crossing(0.0, 1 - value, lambda at: (1 - at) - value <= distance(1 - at))
    return Interval(low, high, level, "newcombe auc")


def _crossing(low: float, high: float, is_inside: Callable[[float], bool]) -> float:
    """Return where a condition that fails at `low` begins to hold, by halving."""
    for _ in range(60):
        middle = (low + high) / 2
        if is_inside(middle):
            high = middle
        else:
            low = middle
    return high


def _mid_ranks(scores: Sequence[float]) -> list[float]:
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and scores[order[stop]] == scores[order[start]]:
            stop += 1
        for place in range(start, stop):
            ranks[order[place]] = (start + stop + 1) / 2
        start = stop
    return ranks


def _log_loss(outcomes: Sequence[int], predicted: Sequence[float]) -> float:
    held = [min(1 - _EDGE, max(_EDGE, p)) for p in predicted]
    return -sum(log(p if y else 1 - p) for y, p in zip(outcomes, held, strict=True)) / len(held)


def reliability(
    outcomes: Sequence[int], predicted: Sequence[float], *, bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Return the filled bins of equal width, lowest predictions first."""
    groups: dict[int, list[tuple[int, float]]] = {}
    for y, p in zip(outcomes, predicted, strict=True):
        # a hair upwards: 0.6 times 5 must open the fourth fifth, not close the third
        groups.setdefault(min(bins - 1, int(p * bins + 1e-9)), []).append((y, p))
    found = []
    for _, group in sorted(groups.items()):
        n, hits = len(group), sum(y for y, _ in group)
        mean = sum(p for _, p in group) / n
        found.append(ReliabilityBin(n, mean, hits / n, wilson(hits, n)))
    return tuple(found)


def calibration_slope(outcomes: Sequence[int], predicted: Sequence[float]) -> float | None:
    """Return the slope of outcome on predicted log-odds: 1 is calibrated, under 1 too bold.

    None with one class, with equal predictions, or where it does not settle.
    """
    line = calibration_line(outcomes, predicted)
    return line[1] if line else None


def calibration_line(
    outcomes: Sequence[int], predicted: Sequence[float]
) -> tuple[float, float] | None:
    """Return Platt's (shift, slope): true log-odds = shift + slope x predicted log-odds."""
    if len(set(outcomes)) < 2 or len(set(predicted)) < 2:
        return None
    x = [log(h / (1 - h)) for h in (min(1 - 1e-9, max(1e-9, p)) for p in predicted)]
    shift, slope = 0.0, 1.0
    for _ in range(50):
        step = _newton_step(x, outcomes, shift, slope)
        if step is None:
            return None
        shift, slope = shift + step[0], slope + step[1]
        if max(map(abs, step)) < 1e-10:
            return shift, slope
    return None


def _newton_step(
    x: Sequence[float], y: Sequence[int], shift: float, slope: float
) -> tuple[float, float] | None:
    p = [sigmoid(shift + slope * value) for value in x]
    g0 = sum(label - q for label, q in zip(y, p, strict=True))
    g1 = sum((label - q) * value for label, q, value in zip(y, p, x, strict=True))
    h00 = sum(q * (1 - q) for q in p)
    h01 = sum(q * (1 - q) * value for q, value in zip(p, x, strict=True))
    h11 = sum(q * (1 - q) * value * value for q, value in zip(p, x, strict=True))
    determinant = h00 * h11 - h01 * h01
    if determinant < 1e-12:
        return None
    return (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant


def sigmoid(logit: float) -> float:
    """Return the probability of log-odds, without overflow."""
    if logit >= 0:
        return 1 / (1 + exp(-logit))
    return exp(logit) / (1 + exp(logit))


def skill_lower_bound(
    outcomes: Sequence[int], predicted: Sequence[float], *, level: float = 0.95
) -> float | None:
    """Return the bootstrap lower bound of the Brier skill (fixed seed); None for one class."""
    import numpy

    y, p = numpy.asarray(outcomes, dtype=float), numpy.asarray(predicted, dtype=float)
    if len(set(outcomes)) < 2:
        return None
    dice = numpy.random.default_rng(_SEED)
    skills = []
    for _ in range(_DRAWS):
        index = dice.integers(0, len(y), len(y))
        base = y[index].mean()
        if 0 < base < 1:
            skills.append(1 - ((p[index] - y[index]) ** 2).mean() / (base * (1 - base)))
    return percentile([float(skill) for skill in skills], (1 - level) / 2)
