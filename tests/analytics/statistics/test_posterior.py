import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics.posterior import nps_posterior, probability_positive

few = st.integers(0, 300)


def test_ten_answers_seven_two_one():
    result = probability_positive(7, 2, 1)
    assert result.value == pytest.approx(0.987, abs=5e-4)
    assert result.parts["low"] == pytest.approx(7.0, abs=0.05)
    assert result.parts["high"] == pytest.approx(84.9, abs=0.05)


def test_no_answers_give_no_statement():
    assert probability_positive(0, 0, 0).reason == "no_responses"


def test_many_answers_agree_with_the_normal_approximation():
    posterior = nps_posterior(40_000, 10_000, 30_000)
    se = 100 * ((70_000 / 80_000 - 0.125**2) / 80_000) ** 0.5
    assert posterior.interval().low == pytest.approx(12.5 - 1.96 * se, abs=0.01)
    assert posterior.interval().high == pytest.approx(12.5 + 1.96 * se, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(few, few, few, st.floats(-99, 99))
def test_quantile_and_probability_are_each_others_inverse(p, s, d, points):
    posterior = nps_posterior(p, s, d)
    above = posterior.probability_above(points)
    if 0.001 < above < 0.999:
        assert posterior.quantile(1 - above) == pytest.approx(points, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(few, few, few)
def test_turning_answers_round_mirrors_the_probability(p, s, d):
    here = nps_posterior(p, s, d).probability_above(0)
    assert here == pytest.approx(1 - nps_posterior(d, s, p).probability_above(0), abs=1e-6)
