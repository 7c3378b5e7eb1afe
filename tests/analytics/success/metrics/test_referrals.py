from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import Referral
from analytics.success.metrics.referrals import referral_rate, valid_referrals


def named(id, referrer, referred, *, day=1, by=True, known=False, converted=False):
    return Referral(id, referrer, by, referred, known, date(2025, 5, day), converted)


ROWS = [
    named(1, "ada", "x", day=3, converted=True),
    named(2, "bea", "x", day=2),
    named(3, "bea", "y", day=9, converted=True),
    named(4, "cleo", "cleo"),
    named(5, "lead", "z", by=False),
    named(6, "dora", "z", day=20),
    named(7, "dora", "old", known=True),
]


def test_the_first_valid_referral_of_a_person_wins():
    assert [row.id for row in valid_referrals(ROWS)] == [2, 3, 6]


def test_referrers_not_referred_people_are_the_headline():
    result = referral_rate(ROWS, customers=20, new_customers=4)
    assert (result.numerator, result.value) == (2, 0.1)
    assert result.parts["conversion"] == 1 / 3
    assert result.parts["share_of_new"] == 0.25


def test_customers_without_referrals_are_a_true_zero():
    result = referral_rate([], customers=20, new_customers=0)
    assert (result.value, result.parts["conversion"]) == (0, None)
    assert referral_rate([], customers=0, new_customers=0).reason == "no_population"


def test_an_earlier_referral_outside_the_period_still_wins():
    late = referral_rate(ROWS, customers=20, new_customers=4, first=date(2025, 5, 3))
    assert late.parts["valid"] == 2


@given(st.permutations(ROWS))
def test_the_order_of_the_rows_does_not_matter(shuffled):
    expected = referral_rate(ROWS, customers=20, new_customers=4)
    assert referral_rate(shuffled, customers=20, new_customers=4) == expected
