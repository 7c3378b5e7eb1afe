"""Fitting the satisfaction model, and the guard that may refuse to use it.

Ridge logistic regression on standardised features, split by time: train on
the older conversations, judge on the newer. Coefficients against reason are
dropped, not explained away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from analytics.success.metrics.evaluation import (
    Evaluation,
    calibration_line,
    calibration_slope,
    evaluate,
    sigmoid,
    skill_lower_bound,
)
from analytics.success.metrics.facts import Id
from analytics.success.metrics.prediction import MIN_RARER, MIN_RATED, Model

PENALTIES = (0.1, 1.0, 10.0, 100.0)
NEWER_SHARE = 0.3
SLOPES = (0.8, 1.25)
WATCHED = 100
FOLDS = 4

Doubt = Literal["too_few_rated", "too_few_of_rarer", "no_skill", "not_calibrated"]

EXPECTED_SIGNS: Mapping[str, int] = {
    "sentiment": 1,
    "sentiment_trend": 1,
    "anger": -1,
    "frustration": -1,
    "contacts": -1,
    "reopens": -1,
    "log_first_reply_hours": -1,
    "log_waiting_hours": -1,
    "intent_cancel": -1,
    "intent_refund": -1,
    "intent_complaint": -1,
    "intent_thanks": 1,
    "resolved": 1,
}


@dataclass(frozen=True, slots=True)
class RatedConversation:
    """One rated ticket with its features as they were known when predicting."""

    at: datetime
    customer: Id
    features: Mapping[str, float]
    is_satisfied: bool


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, how it did on newer conversations, and why not to use it (empty: use it)."""

    model: Model
    evaluation: Evaluation | None
    slope: float | None
    skill_low: float | None
    doubts: tuple[Doubt, ...]


def one_per_customer(history: Sequence[RatedConversation]) -> list[RatedConversation]:
    """Return each customer's latest rated conversation, oldest first."""
    latest = {c.customer: c for c in sorted(history, key=lambda c: c.at)}
    return sorted(latest.values(), key=lambda c: (c.at, str(c.customer)))


def one_per_fold(
    history: Sequence[RatedConversation], *, folds: int = FOLDS + 1
) -> list[RatedConversation]:
    """Return each customer's latest conversation of every fold of time, oldest first."""
    ordered = sorted(history, key=lambda c: (c.at, str(c.customer)))
    size = max(1, len(ordered) // folds)
    cuts = [*range(0, size * folds, size), len(ordered)]
    return [c for start, stop in pairwise(cuts) for c in one_per_customer(ordered[start:stop])]


def train(history: Sequence[RatedConversation]) -> Trained | None:
    """Fit on the older part, judge on the newer; None with one kind of rating only.

    In each fold one conversation a customer: who rates ten times must not teach
    the model their own habits, nor weigh ten times when it is judged.
    """
    ordered = sorted(history, key=lambda c: (c.at, str(c.customer)))
    cut = round(len(ordered) * (1 - NEWER_SHARE))
    older, newer = one_per_fold(ordered[:cut]), one_per_fold(ordered[cut:], folds=2)
    rated = [*older, *newer]
    if len({c.is_satisfied for c in older}) < 2 or not newer:
        return None
    judged = _fit_and_calibrate(older)
    outcomes = [int(c.is_satisfied) for c in newer]
    predicted = [probability(judged, c.features) for c in newer]
    found = evaluate(outcomes, predicted)
    slope = calibration_slope(outcomes, predicted)
    low = skill_lower_bound(outcomes, predicted)
    happy = sum(c.is_satisfied for c in rated)
    doubts = doubts_about(len(rated), min(happy, len(rated) - happy), skill_low=low, slope=slope)
    return Trained(_fit_and_calibrate(rated), found, slope, low, doubts)


def doubts_about(
    rated: int, rarer: int, *, skill_low: float | None, slope: float | None
) -> tuple[Doubt, ...]:
    """Return every reason not to show predictions."""
    checks: dict[Doubt, bool] = {
        "too_few_rated": rated < MIN_RATED,
        "too_few_of_rarer": rarer < MIN_RARER,
        "no_skill": skill_low is None or skill_low <= 0,
        "not_calibrated": slope is None or not _is_calibrated(slope),
    }
    return tuple(doubt for doubt, is_raised in checks.items() if is_raised)


def has_lost_its_skill(outcomes: Sequence[int], predicted: Sequence[float]) -> bool:
    """Say whether the last hundred rated conversations were predicted no better than by chance."""
    if len(outcomes) < WATCHED:
        return False
    found = evaluate(outcomes[-WATCHED:], predicted[-WATCHED:])
    return found is not None and found.skill is not None and found.skill <= 0


def probability(model: Model, features: Mapping[str, float]) -> float:
    """Return P(satisfied) without guards, for training and evaluation only."""
    terms = (b * features[name] for name, b in model.coefficients.items())
    return sigmoid(model.intercept + sum(terms))


def fit(
    conversations: Sequence[RatedConversation],
    *,
    penalty: float,
    signs: Mapping[str, int] = EXPECTED_SIGNS,
) -> Model:
    """Fit all features, dropping one coefficient against its expected sign at a time."""
    names = sorted(conversations[0].features)
    while True:
        weights, intercept, means = _fit(conversations, names, penalty)
        against = {n: abs(w) for n, w in weights.items() if w * signs.get(n, 0) < 0}
        if not against:
            happy = sum(c.is_satisfied for c in conversations)
            rarer = min(happy, len(conversations) - happy)
            return Model(intercept, weights, means, len(conversations), rarer)
        names.remove(max(against, key=lambda name: against[name]))


def _fit(
    conversations: Sequence[RatedConversation], names: list[str], penalty: float
) -> tuple[dict[str, float], float, dict[str, float]]:
    import numpy

    x = numpy.array([[c.features[name] for name in names] for c in conversations], dtype=float)
    x = x.reshape(len(conversations), len(names))
    y = numpy.array([float(c.is_satisfied) for c in conversations])
    means, spreads = x.mean(axis=0), x.std(axis=0)
    spreads = numpy.where(spreads > 0, spreads, 1.0)
    shift, beta = _ridge((x - means) / spreads, y, penalty)
    slopes = beta / spreads
    return (
        dict(zip(names, map(float, slopes), strict=True)),
        float(shift - slopes @ means),
        dict(zip(names, map(float, means), strict=True)),
    )


def _ridge(x: Any, y: Any, penalty: float) -> tuple[float, Any]:
    """Return intercept and coefficients by Newton steps; the intercept is not penalised."""
    import numpy

    design = numpy.column_stack([numpy.ones(len(x)), x])
    held = numpy.diag([1e-9] + [penalty] * x.shape[1])
    beta = numpy.zeros(design.shape[1])
    for _ in range(100):
        p = 1 / (1 + numpy.exp(-numpy.clip(design @ beta, -30, 30)))
        gradient = design.T @ (y - p) - held @ beta
        curvature = (design * (p * (1 - p))[:, None]).T @ design + held
        step = numpy.linalg.solve(curvature, gradient)
        beta = beta + step
        if numpy.abs(step).max() < 1e-9:
            break
    return float(beta[0]), beta[1:]


def _fit_and_calibrate(conversations: Sequence[RatedConversation]) -> Model:
    """Fit with the best penalty; where held-out folds show it too bold or timid, rescale."""
    penalty = _best_penalty(conversations)
    model = fit(conversations, penalty=penalty)
    outcomes: list[int] = []
    predicted: list[float] = []
    for past, following in _folds(conversations):
        judged = fit(past, penalty=penalty)
        outcomes += [int(c.is_satisfied) for c in following]
        predicted += [probability(judged, c.features) for c in following]
    line = calibration_line(outcomes, predicted)
    return model if line is None or _is_calibrated(line[1]) else rescaled(model, *line)


def rescaled(model: Model, shift: float, slope: float) -> Model:
    """Return the model with its log-odds moved by Platt's line; a slope under 0 is refused."""
    if slope <= 0:
        return model
    steeper = {name: slope * b for name, b in model.coefficients.items()}
    return replace(model, intercept=shift + slope * model.intercept, coefficients=steeper)


def _is_calibrated(slope: float) -> bool:
    return SLOPES[0] <= slope <= SLOPES[1]


def _folds(
    conversations: Sequence[RatedConversation], *, folds: int = FOLDS
) -> Iterator[tuple[Sequence[RatedConversation], Sequence[RatedConversation]]]:
    """Yield (past, following) parts, where the past knows both kinds of rating."""
    size = len(conversations) // (folds + 1)
    for fold in range(1, folds + 1):
        past = conversations[: fold * size]
        following = conversations[fold * size : (fold + 1) * size]
        if following and len({c.is_satisfied for c in past}) == 2:
            yield past, following


def _best_penalty(conversations: Sequence[RatedConversation]) -> float:
    """Return the penalty with the least log loss, each fold predicted from those before it."""
    losses = dict.fromkeys(PENALTIES, 0.0)
    for past, following in _folds(conversations):
        outcomes = [int(c.is_satisfied) for c in following]
        for penalty in PENALTIES:
            model = fit(past, penalty=penalty)
            found = evaluate(outcomes, [probability(model, c.features) for c in following])
            losses[penalty] += found.log_loss if found else 0.0
    return min(losses, key=lambda penalty: (losses[penalty], -penalty))
