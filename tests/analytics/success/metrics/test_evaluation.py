from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.evaluation import (
    auc,
    calibration_slope,
    evaluate,
    sigmoid,
    skill_lower_bound,
)

pairs = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=50)


@given(pairs)
def test_auc_counts_the_pairs_in_order_with_ties_half(listed):
    y, p = zip(*listed, strict=True)
    good = [b for a, b in listed if a]
    bad = [b for a, b in listed if not a]
    found = auc(y, p)
    if not good or not bad:
        assert found is None
        return
    wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    assert found == pytest.approx(wins / len(good) / len(bad))


def test_brier_skill_and_calibration_error():
    found = evaluate([1, 0, 1, 1], [0.9, 0.2, 0.6, 0.7])
    assert found.brier == pytest.approx(0.30 / 4)
    assert found.skill == pytest.approx(1 - 0.075 / 0.1875)
    assert found.ece == pytest.approx((0.1 + 0.2 + 2 * 0.35) / 4)
    assert found.log_loss == pytest.approx(-(log(0.9) + log(0.8) + log(0.6) + log(0.7)) / 4)
    assert [b.n for b in found.bins] == [1, 2, 1]


def test_one_class_has_no_auc_and_no_skill():
    found = evaluate([1, 1], [0.9, 0.8])
    assert (found.auc, found.skill, found.brier_reference) == (None, None, 0)
    assert evaluate([], []) is None
    assert skill_lower_bound([1, 1], [0.9, 0.8]) is None
    with pytest.raises(ValueError, match="2 outcomes but 1"):
        evaluate([1, 0], [0.5])


@given(pairs)
def test_every_prediction_is_in_exactly_one_bin(listed):
    y, p = zip(*listed, strict=True)
    found = evaluate(y, p)
    assert sum(b.n for b in found.bins) == len(listed)
    assert 0 <= found.ece <= 1


def test_too_bold_predictions_have_a_slope_under_one():
    truth = [0.3, 0.5, 0.7]
    y = [1] * 30 + [0] * 70 + [1] * 50 + [0] * 50 + [1] * 70 + [0] * 30
    honest = [p for p in truth for _ in range(100)]
    bold = [sigmoid(2 * log(p / (1 - p))) for p in honest]
    assert calibration_slope(y, honest) == pytest.approx(1, abs=1e-6)
    assert calibration_slope(y, bold) == pytest.approx(0.5, abs=1e-6)
    assert calibration_slope([1, 1], [0.2, 0.8]) is None
    assert calibration_slope([1, 0], [0.5, 0.5]) is None


def test_the_lower_bound_of_skill_is_below_the_skill():
    y = [1, 0, 1, 1, 0, 1, 0, 1] * 20
    p = [0.8 if label else 0.4 for label in y]
    low = skill_lower_bound(y, p)
    assert 0 < low < evaluate(y, p).skill
    assert low == skill_lower_bound(y, p)


def test_extreme_log_odds_do_not_overflow():
    assert sigmoid(-1000) == 0 and sigmoid(1000) == 1
    assert sigmoid(0) == 0.5
