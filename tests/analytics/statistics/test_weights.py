import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.nps import nps
from analytics.statistics.weights import (
    Stratum,
    account_weights,
    kish_n,
    poststratify,
    weighted_nps,
)

answers = st.lists(
    st.tuples(st.sampled_from([-1, 0, 1]), st.floats(0.1, 5)), min_size=1, max_size=40
)


def test_heavy_users_no_longer_drown_the_rest():
    found = poststratify([Stratum("high use", 80, 300, 55.0), Stratum("low use", 20, 700, -5.0)])
    assert (found.raw, found.weighted) == pytest.approx((43, 13))
    assert found.n_eff == pytest.approx(39.02439)


def test_a_stratum_without_answers_must_be_merged_first():
    with pytest.raises(ValueError, match="merge"):
        poststratify([Stratum("a", 10, 100, 5.0), Stratum("b", 0, 100, None)])


def test_no_answer_speaks_for_more_than_five():
    found = poststratify([Stratum("a", 95, 100, 50.0), Stratum("b", 5, 900, -50.0)])
    assert max(found.weights) == 5


@given(answers)
def test_the_effective_number_is_never_above_the_real_one(rows):
    assert 0 < kish_n(weight for _, weight in rows) <= len(rows) + 1e-9


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 20), st.floats(0.1, 9))
def test_equal_weights_change_nothing(promoters, passives, detractors, weight):
    rows = [(1, weight)] * promoters + [(0, weight)] * passives + [(-1, weight)] * detractors
    plain, weighted = nps(promoters, passives, detractors), weighted_nps(rows)
    assert weighted.value == pytest.approx(plain.value)
    assert weighted.interval.low == pytest.approx(plain.interval.low, abs=1e-4)
    assert weighted.parts["deff"] == pytest.approx(1)


def test_each_account_counts_once_however_many_answer():
    assert account_weights(["a", "b", "a", "a"]) == pytest.approx([1 / 3, 1, 1 / 3, 1 / 3])
    rows = list(zip([1, -1, 1, 1], account_weights(["a", "b", "a", "a"]), strict=True))
    assert weighted_nps(rows).value == pytest.approx(0)


def test_no_weight_at_all_is_null():
    assert weighted_nps([]).reason == "no_responses"
    assert kish_n([]) == 0
