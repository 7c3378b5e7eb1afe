from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics.means import bca_interval, mean, mean_change

histograms = st.dictionaries(st.integers(1, 7), st.integers(1, 40), min_size=1)


def test_twelve_answers_on_seven_points():
    result = mean({2: 1, 4: 2, 5: 3, 6: 4, 7: 2}, scale=(1, 7))
    assert result.value == pytest.approx(5.25)
    assert (result.interval.low, result.interval.high) == pytest.approx((4.35, 6.15), abs=5e-3)


def test_no_answer_one_answer_and_equal_answers():
    assert mean({}).reason == "no_responses"
    assert mean({4: 1}).interval is None
    equal = mean({4: 9}, scale=(1, 7)).interval
    assert (equal.low, equal.high) == (4, 4)
    assert bca_interval({4: 9}) is None


@given(histograms)
def test_bounds_lie_around_the_mean_and_on_the_scale(histogram):
    result = mean(histogram, scale=(1, 7))
    if result.interval:
        assert 1 <= result.interval.low <= result.value + 1e-9
        assert result.value - 1e-9 <= result.interval.high <= 7


@settings(max_examples=20, deadline=None)
@given(histograms)
def test_bootstrap_gives_the_same_bounds_every_time(histogram):
    assert bca_interval(histogram) == bca_interval(dict(reversed(histogram.items())))


def test_bootstrap_is_near_the_t_interval_when_there_are_many_answers():
    histogram = {1: 50, 2: 60, 3: 90, 4: 200, 5: 140}
    bootstrap, student = bca_interval(histogram), mean(histogram).interval
    assert bootstrap.low == pytest.approx(student.low, abs=0.02)
    assert bootstrap.high == pytest.approx(student.high, abs=0.02)


def test_welch_equals_an_independent_implementation():
    from scipy.stats import ttest_ind

    before, after = [7, 7, 6, 2, 5, 5, 4], [3, 2, 5, 1, 2]
    change = mean_change(Counter(before), Counter(after))
    other = ttest_ind(after, before, equal_var=False)
    assert change.p_value == pytest.approx(other.pvalue)
    bounds = other.confidence_interval()
    assert (change.low, change.high) == pytest.approx((bounds.low, bounds.high))


def test_a_single_answer_on_one_side_leaves_a_difference_without_test():
    change = mean_change({3: 1}, {5: 4})
    assert (change.delta, change.p_value) == (2, None)
    assert mean_change({}, {5: 4}).reason == "no_responses"
