from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.health import (
    Component,
    Override,
    band_of,
    broken_line_score,
    fresh,
    has_fallen,
    health_change,
    health_score,
    linear_score,
    outlook,
    shown_band,
    shrunk_mean,
)

scores = st.none() | st.floats(0, 100)
components = st.lists(st.tuples(st.floats(0.1, 30), scores), min_size=1, max_size=7).map(
    lambda pairs: [Component(f"c{i}", w, s) for i, (w, s) in enumerate(pairs)]
)


def test_a_missing_part_is_neither_zero_nor_the_mean():
    result = health_score(
        [Component("usage", 6, 90), Component("feedback", 3, None), Component("pulse", 1, 20)]
    )
    assert result.value == pytest.approx((6 * 90 + 20) / 7)
    assert result.parts["coverage"] == pytest.approx(0.7)
    assert sum(result.parts["points_lost"].values()) == pytest.approx(100 - result.value)


def test_too_little_coverage_and_no_weights_are_null_for_different_reasons():
    thin = health_score([Component("usage", 5, 90), Component("feedback", 5, None)])
    assert (thin.reason, thin.parts["coverage"]) == ("insufficient_data", 0.5)
    assert health_score([Component("usage", 6, 90), Component("x", 4, None)]).value == 90
    assert health_score([]).reason == "not_configured"
    with pytest.raises(ValueError, match="negative"):
        health_score([Component("usage", -1, 90)])


@given(components)
def test_the_score_lies_between_its_parts(parts):
    result = health_score(parts, min_coverage=0)
    if result.value is not None:
        present = [part.score for part in parts if part.score is not None]
        assert min(present) - 1e-9 <= result.value <= max(present) + 1e-9
        assert result.value == pytest.approx(health_score(parts[::-1], min_coverage=0).value)


@pytest.mark.parametrize(
    ("score", "band"),
    [(50, "red"), (50.00001, "yellow"), (75.00000000000001, "yellow"), (75.1, "green")],
)
def test_the_upper_edge_belongs_to_the_lower_band(score, band):
    assert band_of(score) == band


def test_a_band_is_left_only_beyond_the_edge():
    assert band_of(74, previous="green") == "green"
    assert band_of(72.9, previous="green") == "yellow"
    assert band_of(76.9, previous="yellow") == "yellow"
    assert band_of(77.1, previous="yellow") == "green"
    assert band_of(20, previous="green") == "red"


def test_curves_are_held_at_both_ends():
    assert linear_score(45, worst=90, best=0) == 50
    assert linear_score(-5, worst=0, best=10) == 0
    line = [(30, 20), (0, 100), (10, 60)]
    assert broken_line_score(20, line) == 40
    assert broken_line_score(-3, line) == 100 and broken_line_score(99, line) == 20
    assert linear_score(None, worst=0, best=1) is None
    assert broken_line_score(None, line) is None
    with pytest.raises(ValueError, match="no direction"):
        linear_score(1, worst=2, best=2)
    with pytest.raises(ValueError, match="at least one point"):
        broken_line_score(1, [])


def test_few_answers_are_pulled_towards_everybody():
    assert shrunk_mean(100, 1, prior_mean=60) == 70
    assert shrunk_mean(100, 97, prior_mean=60) == pytest.approx(98.8)
    assert shrunk_mean(None, 0, prior_mean=60) is None


def test_a_stale_part_is_missing():
    today = date(2025, 6, 1)
    assert fresh(80, measured=today - timedelta(days=14), as_of=today, days=14) == 80
    assert fresh(80, measured=today - timedelta(days=15), as_of=today, days=14) is None


@given(components, st.lists(scores, min_size=7, max_size=7))
def test_the_parts_of_a_change_add_up(before, later):
    after = [Component(c.name, c.weight, s) for c, s in zip(before, later, strict=False)]
    found = health_change(before, after)
    if found:
        parts = sum(map(sum, found.by_component.values()))
        assert parts == pytest.approx(found.total, abs=1e-8)


def test_a_part_that_expired_is_named_as_such():
    before = [Component("usage", 1, 60), Component("feedback", 1, 90)]
    found = health_change(before, [before[0], Component("feedback", 1, None)])
    by_score, by_weight = found.by_component["feedback"]
    assert by_score == 0 and by_weight < 0
    assert health_change(before, [Component("usage", 1, None)]) is None


def test_a_persons_judgement_expires():
    now = datetime(2025, 6, 1, tzinfo=UTC)
    override = Override("red", "ada", "sponsor left", now + timedelta(days=30))
    assert shown_band("green", override, at=now) == "red"
    assert shown_band("green", override, at=now + timedelta(days=30)) == "green"
    assert shown_band(None, None, at=now) is None


def test_words_until_the_score_is_calibrated():
    assert outlook("green", has_expansion_signal=True) == "grow"
    assert outlook("green", has_expansion_signal=False) == "renew_flat"
    assert outlook("red", has_expansion_signal=True) == "churn_risk"
    assert has_fallen(60, 75) and not has_fallen(61, 75)
