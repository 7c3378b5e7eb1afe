import random
from datetime import UTC, datetime, timedelta
from math import log

import pytest

from analytics.success.metrics.evaluation import sigmoid
from analytics.success.metrics.training import (
    RatedConversation,
    doubts_about,
    fit,
    has_lost_its_skill,
    one_per_customer,
    one_per_fold,
    probability,
    rescaled,
    train,
)

START = datetime(2025, 1, 1, tzinfo=UTC)


def _history(count, *, strength=2.5, seed=3):
    """Satisfaction follows sentiment and contacts; `resolved` is noise."""
    dice = random.Random(seed)
    rows = []
    for index in range(count):
        features = {
            "sentiment": dice.uniform(-1, 1),
            "contacts": float(dice.randrange(1, 5)),
            "resolved": float(dice.random() < 0.8),
        }
        logit = 1.2 + strength * features["sentiment"] - 0.4 * (features["contacts"] - 2)
        is_satisfied = dice.random() < sigmoid(logit)
        rows.append(
            RatedConversation(START + timedelta(hours=index), index, features, is_satisfied)
        )
    return rows


def test_a_model_learns_what_made_people_satisfied():
    model = fit(_history(3000), penalty=1.0)
    assert model.coefficients["sentiment"] == pytest.approx(2.5, abs=0.35)
    assert model.coefficients["contacts"] == pytest.approx(-0.4, abs=0.12)
    assert model.rated == 3000 and 0 < model.rarer < 1500


def test_a_coefficient_against_reason_is_dropped():
    turned = fit(_history(800), penalty=1.0, signs={"sentiment": -1})
    assert "sentiment" not in turned.coefficients
    assert probability(turned, _history(1)[0].features) > 0.5


def test_enough_history_with_a_signal_raises_no_doubt():
    found = train(_history(1500))
    assert found.doubts == ()
    assert found.evaluation.auc > 0.7
    assert found.skill_low > 0
    assert found.evaluation.n == 450


def test_too_little_history_or_none_is_refused():
    found = train(_history(100))
    assert {"too_few_rated", "too_few_of_rarer"} <= set(found.doubts)
    only_good = [c for c in _history(200) if c.is_satisfied]
    assert train(only_good) is None
    assert train([]) is None


def test_pure_noise_is_not_sold_as_a_prediction():
    dice = random.Random(8)
    noise = [
        RatedConversation(
            START + timedelta(hours=i), i, {"sentiment": dice.random()}, dice.random() < 0.7
        )
        for i in range(600)
    ]
    assert "no_skill" in train(noise).doubts


def test_every_doubt_has_its_border():
    assert doubts_about(200, 50, skill_low=0.01, slope=0.8) == ()
    assert doubts_about(199, 49, skill_low=0.0, slope=1.26) == (
        "too_few_rated", "too_few_of_rarer", "no_skill", "not_calibrated",
    )  # fmt: skip
    assert doubts_about(200, 50, skill_low=None, slope=None) == ("no_skill", "not_calibrated")


def test_one_conversation_per_customer_is_the_latest():
    rows = _history(4)
    again = RatedConversation(START + timedelta(days=9), 1, rows[1].features, True)
    kept = one_per_customer([again, *rows])
    assert [c.customer for c in kept] == [0, 2, 3, 1]
    assert kept[-1] is again


def test_a_model_that_has_lost_its_skill_switches_itself_off():
    y = [1, 0] * 60
    assert has_lost_its_skill(y, [0.5] * 120)
    assert not has_lost_its_skill(y, [0.9, 0.1] * 60)
    assert not has_lost_its_skill(y[:99], [0.5] * 99)


def test_rescaling_moves_the_log_odds_by_a_line():
    model = fit(_history(400), penalty=1.0)
    moved = rescaled(model, 0.3, 0.5)
    features = _history(1)[0].features
    before, after = (log(p / (1 - p)) for p in (probability(m, features) for m in (model, moved)))
    assert after == pytest.approx(0.3 + 0.5 * before)
    assert rescaled(model, 0.3, -1.0) is model


def test_each_fold_takes_one_conversation_of_a_customer_and_all_are_in_order():
    rows = _history(50)
    same = [
        RatedConversation(c.at, index % 3, c.features, c.is_satisfied)
        for index, c in enumerate(rows)
    ]
    kept = one_per_fold(same)
    assert len(kept) == 3 * 5
    assert [c.at for c in kept] == sorted(c.at for c in kept)
    assert one_per_fold(rows) == rows
