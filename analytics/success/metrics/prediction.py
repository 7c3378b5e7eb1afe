"""Predicted satisfaction of an unrated conversation. Never mixed with measured CSAT.

A penalised logistic model that says when it does not know, and why it
says what it says. The figure means "would rate satisfied, if they rated".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.statistics.alerts import AlertEvent, alert_events
from analytics.statistics.result import Reason, Result, null
from analytics.success.metrics.evaluation import sigmoid

Decision = Literal["satisfied", "dissatisfied", "abstain"]
MIN_RATED = 200
MIN_RARER = 50
ABSTAIN = (0.40, 0.60)
RAISE_BELOW = 0.40
CLEAR_ABOVE = 0.55
CONVENTION = "predicted, not measured: would rate satisfied, if they rated"


@dataclass(frozen=True, slots=True)
class Model:
    """Log-odds = intercept + sum of coefficient x feature, features as measured.

    `means` are the training means, for the explanation. `rated` and `rarer`
    count the training conversations and those of the rarer kind.
    """

    intercept: float
    coefficients: Mapping[str, float]
    means: Mapping[str, float]
    rated: int
    rarer: int


def predict(
    model: Model,
    features: Mapping[str, float | None],
    *,
    min_rated: int = MIN_RATED,
    min_rarer: int = MIN_RARER,
    abstain: tuple[float, float] = ABSTAIN,
) -> Result:
    """Return P(satisfied) as a fraction, or null with its reason.

    `parts`: decision ("abstain" between the two bounds), logit, the baseline
    probability at the training means, and each feature's contribution to the
    logit; contributions add up to logit minus baseline logit.
    """
    if model.rated < min_rated or model.rarer < min_rarer:
        return _abstained("insufficient_history", model)
    known = {name: features.get(name) for name in model.coefficients}
    values = {name: value for name, value in known.items() if value is not None}
    if len(values) < len(known):
        return _abstained("missing_features", model)
    coefficients, means = model.coefficients, model.means
    logit = model.intercept + sum(coefficients[name] * x for name, x in values.items())
    baseline = model.intercept + sum(b * means[name] for name, b in coefficients.items())
    probability = sigmoid(logit)
    return Result(
        value=probability,
        unit="fraction",
        n=model.rated,
        convention=CONVENTION,
        parts={
            "decision": decide(probability, abstain=abstain),
            "logit": logit,
            "baseline": sigmoid(baseline),
            "contributions": {
                name: coefficients[name] * (x - means[name]) for name, x in values.items()
            },
        },
    )


def _abstained(reason: Reason, model: Model) -> Result:
    parts = {"decision": "abstain", "rated": model.rated, "rarer": model.rarer}
    return null("fraction", reason, n=model.rated, convention=CONVENTION, parts=parts)


def decide(probability: float, *, abstain: tuple[float, float] = ABSTAIN) -> Decision:
    """Return the verdict; between the bounds, both included, there is none."""
    low, high = abstain
    if probability < low:
        return "dissatisfied"
    return "satisfied" if probability > high else "abstain"


def main_reasons(result: Result, *, count: int = 3) -> list[tuple[str, float]]:
    """Return the features that moved a prediction most: (name, log-odds), largest first."""
    contributions: Mapping[str, float] = result.parts.get("contributions", {})
    ordered = sorted(contributions.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    return ordered[:count]


def conversation_alerts(probabilities: Sequence[float | None]) -> list[AlertEvent]:
    """Raise for the supervisor after two bad messages running, clear on recovery."""
    return alert_events(probabilities, raise_below=RAISE_BELOW, clear_above=CLEAR_ABOVE)


Rule = Literal["cancel_intent", "twice_negative", "waiting_too_long"]


def rules_that_fire(
    *,
    has_cancel_intent: bool,
    polarities: Sequence[float],
    waiting_seconds: float,
    target_seconds: float,
    negative_below: float = -0.05,
) -> list[Rule]:
    """Return the plain rules that stand in while there is no trustworthy model."""
    last = polarities[-2:]
    fires: dict[Rule, bool] = {
        "cancel_intent": has_cancel_intent,
        "twice_negative": len(last) == 2 and all(p < negative_below for p in last),
        "waiting_too_long": waiting_seconds > target_seconds,
    }
    return [rule for rule, is_on in fires.items() if is_on]
