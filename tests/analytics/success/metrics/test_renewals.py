from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import Term
from analytics.success.metrics.renewals import decide, renewal_rate

D = Decimal
SEPTEMBER = {"first": date(2025, 9, 1), "after": date(2025, 10, 1)}


def term(day, amount=100, **changes):
    return Term(id=day, due=date(2025, 9, day), amount_due=D(amount), **changes)


TERMS = [
    term(2, 1000, renewed=date(2025, 8, 1), amount_renewed=D(1300)),
    term(5, 500, renewed=date(2025, 9, 30), amount_renewed=D(250)),
    term(8, 400, cancelled=date(2025, 6, 1)),
    term(12, 300, renewed=date(2025, 9, 12), amount_renewed=D(300), is_refunded=True),
    term(20, 200),
    term(25, 600, renewed=date(2025, 11, 20), amount_renewed=D(600)),
    Term("later", date(2025, 10, 1), D(9999)),
]


def test_renewed_in_time_of_all_that_are_mature():
    result = renewal_rate(TERMS, **SEPTEMBER, as_of=date(2025, 12, 1))
    assert (result.numerator, result.denominator) == (2, 6)
    assert result.parts["revenue_renewal_rate"] == pytest.approx(1250 / 3000)
    assert result.parts["revenue_renewal_rate_uncapped"] == pytest.approx(1550 / 3000)
    assert result.pending == 0


def test_before_grace_has_run_out_the_rest_is_pending():
    result = renewal_rate(TERMS, **SEPTEMBER, as_of=date(2025, 10, 10))
    assert (result.numerator, result.denominator, result.pending) == (2, 3, 3)
    assert result.parts["decided_rate"] == pytest.approx(2 / 4)
    assert result.parts["range_low"] == pytest.approx(2 / 6)
    assert result.parts["range_high"] == pytest.approx(4 / 6)
    assert result.parts["amount_at_risk"] == D(800)


def test_a_renewal_that_has_not_happened_yet_is_not_known():
    early = decide(TERMS[1], as_of=date(2025, 9, 10))
    assert early.outcome == "pending"
    assert decide(TERMS[1], as_of=date(2025, 9, 30)).outcome == "renewed"


def test_the_last_day_of_grace_still_counts():
    paid = term(1, renewed=date(2025, 10, 1), amount_renewed=D(100))
    assert decide(paid, as_of=date(2026, 1, 1)).outcome == "renewed"
    late = term(1, renewed=date(2025, 10, 2), amount_renewed=D(100))
    assert decide(late, as_of=date(2026, 1, 1)).outcome == "lost"


def test_nothing_mature_is_not_the_same_as_nothing_due():
    assert renewal_rate(TERMS, **SEPTEMBER, as_of=date(2025, 9, 20)).reason == "immature_cohort"
    assert renewal_rate([], **SEPTEMBER, as_of=date(2026, 1, 1)).reason == "no_population"


def test_monthly_auto_renewals_can_be_left_out():
    monthly = [*TERMS, term(3, is_monthly=True, renewed=date(2025, 9, 3), amount_renewed=D(100))]
    kept = renewal_rate(monthly, **SEPTEMBER, as_of=date(2025, 12, 1), with_monthly=False)
    assert kept.denominator == 6


@given(st.dates(date(2025, 7, 1), date(2026, 1, 1)), st.integers(0, 60))
def test_the_final_rate_lies_in_the_range_foretold(as_of, grace):
    early = renewal_rate(TERMS, **SEPTEMBER, as_of=as_of, grace_days=grace)
    final = renewal_rate(TERMS, **SEPTEMBER, as_of=date(2027, 1, 1), grace_days=grace)
    assert early.parts["range_low"] <= final.value <= early.parts["range_high"]
