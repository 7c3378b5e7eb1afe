"""Cases about account health and predicted satisfaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.golden.reading import Input, Output, with_reason
from analytics.success.metrics.evaluation import evaluate
from analytics.success.metrics.health import (
    Component,
    broken_line_score,
    health_change,
    health_score,
    linear_score,
    shrunk_mean,
)
from analytics.success.metrics.prediction import ABSTAIN, MIN_RARER, Model, predict


def _components(rows: Sequence[Mapping[str, Any]]) -> list[Component]:
    return [Component(row["name"], row["weight"], row["score"]) for row in rows]


def score(given: Input) -> Output:
    components = _components(given["components"])
    result = health_score(components, min_coverage=given.get("min_coverage", 0.6))
    output = {
        "score": result.value,
        "coverage": result.parts["coverage"],
        "band": result.parts["band"],
        "effective_weights": result.parts.get("weights"),
        "points_lost": result.parts.get("points_lost"),
    }
    return with_reason(output, result)


def normalise(given: Input) -> Output:
    if given["kind"] == "linear":
        value = linear_score(given["value"], worst=given["worst"], best=given["best"])
    else:
        value = broken_line_score(given["value"], [(x, y) for x, y in given["points"]])
    return {"score": value} | _missing(value)


def _missing(value: float | None) -> Output:
    return {} if value is not None else {"reason": "insufficient_data"}


def change(given: Input) -> Output:
    found = health_change(_components(given["before"]), _components(given["after"]))
    if found is None:
        names = ("before", "after", "change")
        return {**dict.fromkeys(names), "by_component": {}, "reason": "insufficient_data"}
    return {
        "before": found.before,
        "after": found.after,
        "change": found.total,
        "by_component": {
            name: {"score_effect": by_score, "weight_effect": by_weight}
            for name, (by_score, by_weight) in found.by_component.items()
        },
    }


def shrink(given: Input) -> Output:
    value = shrunk_mean(
        given["mean"], given["n"], prior_mean=given["prior_mean"], prior_n=given["prior_n"]
    )
    return {"value": value} | _missing(value)


def predicted(given: Input) -> Output:
    model = Model(
        intercept=given["model"]["intercept"],
        coefficients=given["model"]["coef"],
        means=given["model"]["means"],
        rated=given["training_rows"],
        rarer=given["training_minority"],
    )
    low, high = given.get("abstain_between", ABSTAIN)
    result = predict(
        model,
        given["features"],
        min_rarer=given.get("min_minority", MIN_RARER),
        abstain=(low, high),
    )
    output = {
        "probability": result.value,
        "decision": result.parts["decision"],
        "logit": result.parts.get("logit"),
        "baseline_probability": result.parts.get("baseline"),
        "contributions": result.parts.get("contributions"),
    }
    return with_reason(output, result)


def evaluated(given: Input) -> Output:
    found = evaluate(given["y"], given["p"], bins=given.get("bins", 5))
    if found is None:
        names = ("auc", "brier", "brier_reference", "brier_skill", "log_loss", "ece")
        return {**dict.fromkeys(names), "reason": "insufficient_data"}
    return {
        "auc": found.auc,
        "brier": found.brier,
        "brier_reference": found.brier_reference,
        "brier_skill": found.skill,
        "log_loss": found.log_loss,
        "ece": found.ece,
    }


FNS = {
    "health.score": score,
    "health.normalise": normalise,
    "health.change": change,
    "health.shrink": shrink,
    "predict.csat": predicted,
    "predict.evaluate": evaluated,
}
