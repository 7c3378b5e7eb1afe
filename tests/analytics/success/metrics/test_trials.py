from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import Trial
from analytics.success.metrics.trials import conversion_curve, trial_conversion

MAY = {"first": date(2025, 5, 1), "after": date(2025, 6, 1)}


def trial(id, start, paid_after=None, *, amount=20, customer=None, **changes):
    started = date(2025, 5, start)
    paid = None if paid_after is None else started + timedelta(days=paid_after)
    return Trial(id, customer or id, started, paid, Decimal(amount), **changes)


TRIALS = [
    trial(1, 1, 10),
    trial(2, 2),
    trial(3, 3, 31),
    trial(4, 4, 30),
    trial(5, 5, 5, is_refunded=True),
    trial(6, 6, 5, amount=0),
    trial(7, 7, 5, is_internal=True),
    trial(8, 30, 1),
    trial(9, 20, 2, customer=1),
]


def test_converted_of_the_trials_whose_window_has_closed():
    result = trial_conversion(TRIALS, **MAY, as_of=date(2025, 6, 10))
    assert (result.numerator, result.denominator, result.pending) == (2, 6, 1)
    assert result.parts["rate_with_refunds"] == pytest.approx(3 / 6)
    assert result.parts["late"] == 1


def test_a_fast_decider_among_the_young_waits_like_the_others():
    before = trial_conversion(TRIALS, **MAY, as_of=date(2025, 6, 28))
    after = trial_conversion(TRIALS, **MAY, as_of=date(2025, 6, 29))
    assert (before.numerator, after.numerator) == (2, 3)


def test_the_second_trial_of_a_customer_is_none():
    assert trial_conversion(TRIALS, **MAY, as_of=date(2026, 1, 1)).parts["started"] == 7


def test_nothing_mature_is_not_nothing_started():
    assert trial_conversion(TRIALS, **MAY, as_of=date(2025, 5, 20)).reason == "immature_cohort"
    assert trial_conversion([], **MAY, as_of=date(2026, 1, 1)).reason == "no_population"


def test_the_curve_rises_to_all_who_paid():
    curve = conversion_curve(TRIALS, days=40)
    assert curve == sorted(curve)
    assert curve[0] == 0 and curve[-1] == pytest.approx(4 / 7)
    assert conversion_curve([]) == []


@given(st.permutations(TRIALS))
def test_the_order_of_the_rows_does_not_matter(shuffled):
    when = date(2025, 7, 1)
    assert trial_conversion(shuffled, **MAY, as_of=when) == trial_conversion(
        TRIALS, **MAY, as_of=when
    )
