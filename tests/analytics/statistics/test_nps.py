from math import comb, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.nps import (
    adjusted_wald_interval,
    needed_answers,
    nps,
    nps_change,
    nps_change_paired,
    score_interval,
    smallest_visible_change,
    wald_interval,
)

few = st.integers(0, 60)
counts = st.tuples(few, few, few).filter(lambda c: sum(c) > 0)
POPULATIONS = [
    (0.5, 0.2), (0.7, 0.1), (0.9, 0.02), (0.3, 0.3), (0.1, 0.1),
    (0.2, 0.5), (0.6, 0.4), (0.05, 0.85), (0.45, 0.05), (0.8, 0.05),
]  # fmt: skip


def test_promoters_minus_detractors_and_not_the_other_way_round():
    assert nps(50, 30, 20).value == pytest.approx(30.0)
    assert nps(20, 30, 50).value == pytest.approx(-30.0)


def test_no_answers_are_null_and_never_zero():
    result = nps(0, 0, 0)
    assert (result.value, result.status, result.reason) == (None, "null", "no_responses")


# (b, c) of n pairs as printed by Tango 1998, Fagerland 2014 and Tang 2010
@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "low", "high"),
    [(9, 20, 3, -2.7, 39.0), (1, 13, 7, -51.7, -2.6), (3, 10, 1, -16.7, 43.27)],
)
def test_score_interval_equals_the_published_tables(promoters, passives, detractors, low, high):
    interval = nps(promoters, passives, detractors).interval
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.05)


def test_five_promoters_do_not_mean_a_certain_hundred():
    interval = nps(5, 0, 0).interval
    assert interval.low == pytest.approx(13, abs=0.5)
    assert interval.high == 100


def test_the_same_score_with_more_spread_is_less_certain():
    assert nps(14, 0, 14).interval.half_width > nps(8, 12, 8).interval.half_width


@given(counts)
def test_interval_contains_the_estimate_and_stays_on_the_scale(c):
    result = nps(*c)
    assert -100 <= result.interval.low <= result.value + 1e-9
    assert result.value - 1e-9 <= result.interval.high <= 100


@given(counts)
def test_turning_every_answer_round_mirrors_the_interval(c):
    promoters, passives, detractors = c
    here = nps(promoters, passives, detractors)
    mirror = nps(detractors, passives, promoters)
    assert here.value == pytest.approx(-mirror.value)
    assert here.interval.low == pytest.approx(-mirror.interval.high, abs=1e-6)


@given(counts, st.integers(2, 6))
def test_more_answers_of_the_same_profile_narrow_the_interval(c, times):
    few_answers, many = nps(*c), nps(*(times * x for x in c))
    assert many.interval.half_width < few_answers.interval.half_width + 1e-9


def _coverage(method, n, up, down):
    """Add the probability of every outcome whose interval holds the truth."""
    truth, covered = 100 * (up - down), 0.0
    for p in range(n + 1):
        for d in range(n + 1 - p):
            interval = method(p, d, n)
            if interval.low - 1e-9 <= truth <= interval.high + 1e-9:
                ways = comb(n, p) * factorial(n - p) // (factorial(d) * factorial(n - p - d))
                covered += ways * up**p * down**d * max(0.0, 1 - up - down) ** (n - p - d)
    return covered


@pytest.mark.parametrize("n", [5, 10, 20])
def test_score_interval_keeps_its_promise_at_small_n(n):
    covered = [_coverage(score_interval, n, *population) for population in POPULATIONS]
    assert min(covered) > 0.935
    assert 0.94 < sum(covered) / len(covered) < 0.975


def test_the_textbook_interval_misses_the_truth_in_small_samples():
    assert _coverage(wald_interval, 10, 0.9, 0.02) < 0.75
    assert _coverage(adjusted_wald_interval, 10, 0.9, 0.02) > 0.9


def test_a_large_jump_is_real_and_a_noisy_one_is_not():
    clear = nps_change((48, 42, 30), (75, 40, 25))
    assert clear.delta == pytest.approx(20.714286)
    assert clear.p_value == pytest.approx(0.033933, abs=1e-6)
    assert clear.is_real and clear.direction == 1
    noisy = nps_change((9, 7, 4), (12, 6, 4))
    assert not noisy.is_real and noisy.direction == 0


def test_nothing_to_compare_with_is_no_change_known():
    change = nps_change((0, 0, 0), (5, 1, 1))
    assert (change.delta, change.reason, change.is_real) == (None, "no_responses", False)


@given(counts, counts)
def test_swapping_the_periods_turns_the_sign(before, after):
    there, back = nps_change(before, after), nps_change(after, before)
    assert there.delta == pytest.approx(-back.delta)
    assert there.low == pytest.approx(-back.high)
    assert there.p_value == pytest.approx(back.p_value)


def test_the_same_people_are_compared_pair_by_pair():
    change = nps_change_paired([(-1, 1), (0, 1), (1, 1), (0, 0), (-1, 0), (1, 1)])
    assert change.delta == pytest.approx(100 * 4 / 6)
    assert change.n_before == 6
    assert change.p_value == pytest.approx(0.1019, abs=1e-3)


def test_equal_differences_have_no_test():
    assert nps_change_paired([(0, 1), (0, 1)]).p_value is None


def test_needed_answers_round_up():
    assert needed_answers(0.5, 0.2, margin=10) == 235
    assert needed_answers(0.5, 0.2, margin=5) == 938
    with pytest.raises(ValueError, match="infinitely many"):
        needed_answers(0.5, 0.2, margin=0)


def test_most_monthly_moves_are_noise():
    found = [round(smallest_visible_change(n)) for n in (50, 100, 200, 400, 1000)]
    assert found == [43, 31, 22, 15, 10]
