from statistics import median as plain_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.spread import average, median, percentile

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


@given(values)
def test_the_median_is_the_usual_one(listed):
    assert median(listed) == pytest.approx(plain_median(listed))


@given(values, st.floats(0, 1))
def test_percentiles_stay_between_the_ends(listed, share):
    assert min(listed) - 1e-6 <= percentile(listed, share) <= max(listed) + 1e-6


def test_between_neighbours_it_is_linear():
    assert percentile([0, 10], 0.9) == 9
    assert percentile([1, 2, 3, 4, 5], 0.25) == 2


def test_nothing_has_no_middle():
    assert median([]) is None and average([]) is None
