import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.change import Change, benjamini_hochberg

p_values = st.lists(st.floats(0, 1), max_size=20)


def test_ten_segments_at_once():
    found = benjamini_hochberg(
        [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    )
    assert found.adjusted == pytest.approx(
        (0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216), abs=1e-6
    )
    assert found.rejected == (True, True) + (False,) * 8


@given(p_values)
def test_adjusting_never_makes_a_finding_stronger_and_keeps_the_order(values):
    adjusted = benjamini_hochberg(values).adjusted
    assert all(a >= p - 1e-12 for a, p in zip(adjusted, values, strict=True))
    ranked = [a for _, a in sorted(zip(values, adjusted, strict=True))]
    assert ranked == sorted(ranked)


@given(p_values)
def test_the_order_of_the_segments_does_not_matter(values):
    assert benjamini_hochberg(values[::-1]).adjusted == benjamini_hochberg(values).adjusted[::-1]


def test_five_in_a_hundred_exactly_is_not_yet_real():
    assert not Change(3.0, "points", 50, 50, p_value=0.05).is_real
    assert Change(-3.0, "points", 50, 50, p_value=0.0499).direction == -1
    assert Change(3.0, "points", 50, 50).is_real is False
