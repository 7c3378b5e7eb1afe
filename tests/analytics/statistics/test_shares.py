import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.shares import goodman, share, share_change, wilson


@st.composite
def parts(draw):
    total = draw(st.integers(1, 500))
    return draw(st.integers(0, total)), total


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(8, 10, 0.490, 0.943), (74, 107, 0.599, 0.771), (5, 5, 0.566, 1.0), (18, 20, 0.699, 0.972)],
)
def test_wilson_as_published(count, total, low, high):
    interval = wilson(count, total)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-4)


def test_an_empty_base_is_null_with_the_reason_asked_for():
    assert share(0, 0).reason == "no_responses"
    assert share(0, 0, reason="no_population").reason == "no_population"
    assert share(0, 40).value == 0


def test_more_successes_than_answers_is_refused():
    with pytest.raises(ValueError, match="41 of 40"):
        share(41, 40)


@given(parts())
def test_bounds_lie_around_the_share_and_within_the_scale(part):
    result = share(*part)
    assert 0 <= result.interval.low <= result.value <= result.interval.high <= 1


@given(parts())
def test_the_share_of_the_others_has_the_mirrored_interval(part):
    count, total = part
    here, others = wilson(count, total), wilson(total - count, total)
    assert here.low == pytest.approx(1 - others.high)


def test_newcombe_and_the_n_minus_1_test_as_published():
    change = share_change((1, 34), (7, 34))
    assert (change.low, change.high) == pytest.approx((0.019, 0.34), abs=1e-3)
    assert change.p_value == pytest.approx(0.025, abs=1e-4)
    assert change.is_real


def test_nobody_on_either_side_is_no_change():
    change = share_change((0, 12), (0, 30))
    assert (change.delta, change.p_value, change.is_real) == (0, 1, False)


def test_one_empty_period_cannot_be_compared():
    assert share_change((0, 0), (3, 9)).reason == "no_responses"


@given(parts(), parts())
def test_change_lies_within_its_interval(before, after):
    change = share_change(before, after)
    assert -1 - 1e-9 <= change.low <= change.delta + 1e-9
    assert change.delta - 1e-9 <= change.high <= 1 + 1e-9


def test_goodman_shares_as_published():
    found = goodman([56, 72, 73, 59, 62, 87, 58])
    assert [round(s.interval.low, 3) for s in found] == [
        0.085, 0.115, 0.116, 0.091, 0.096, 0.143, 0.089,
    ]  # fmt: skip
    assert [round(s.interval.high, 3) for s in found] == [
        0.166, 0.204, 0.207, 0.173, 0.181, 0.239, 0.171,
    ]  # fmt: skip


def test_goodman_of_nothing_is_nothing():
    assert goodman([0, 0, 0]) == []
