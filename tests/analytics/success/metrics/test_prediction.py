from math import log

import pytest

from analytics.success.metrics.prediction import (
    Model,
    conversation_alerts,
    decide,
    main_reasons,
    predict,
    rules_that_fire,
)

MODEL = Model(
    0.5, {"sentiment": 2.0, "contacts": -0.5}, {"sentiment": 0.2, "contacts": 1.5}, 400, 80
)


def test_contributions_add_up_to_the_way_from_the_baseline():
    result = predict(MODEL, {"sentiment": -0.7, "contacts": 3})
    parts = result.parts
    baseline = log(parts["baseline"] / (1 - parts["baseline"]))
    assert parts["logit"] == pytest.approx(0.5 - 1.4 - 1.5)
    assert sum(parts["contributions"].values()) == pytest.approx(parts["logit"] - baseline)
    assert parts["decision"] == "dissatisfied"
    assert main_reasons(result, count=1) == [("sentiment", pytest.approx(-1.8))]


def test_it_says_when_it_does_not_know():
    few = Model(0.5, MODEL.coefficients, MODEL.means, 400, 30)
    assert predict(few, {"sentiment": 1, "contacts": 1}).reason == "insufficient_history"
    young = Model(0.5, MODEL.coefficients, MODEL.means, 150, 60)
    assert predict(young, {"sentiment": 1, "contacts": 1}).reason == "insufficient_history"
    missing = predict(MODEL, {"sentiment": None, "contacts": 1})
    assert (missing.reason, missing.parts["decision"]) == ("missing_features", "abstain")
    assert main_reasons(missing) == []


def test_both_bounds_belong_to_the_doubt():
    found = [decide(p) for p in (0.39, 0.4, 0.5, 0.6, 0.61)]
    assert found == ["dissatisfied", "abstain", "abstain", "abstain", "satisfied"]


def test_two_bad_messages_running_call_the_supervisor():
    assert conversation_alerts([0.6, 0.39, None, 0.2, 0.5, 0.56]) == [(3, "raise"), (5, "clear")]


def test_plain_rules_stand_in_for_a_missing_model():
    found = rules_that_fire(
        has_cancel_intent=True, polarities=[0.5, -0.4, -0.2], waiting_seconds=90, target_seconds=60
    )
    assert found == ["cancel_intent", "twice_negative", "waiting_too_long"]
    quiet = rules_that_fire(
        has_cancel_intent=False, polarities=[-0.4], waiting_seconds=60, target_seconds=60
    )
    assert quiet == []
