from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import Plan
from analytics.success.metrics.recurring import monthly_amount, mrr, mrr_by_plan, usage_mrr

D = Decimal


def plan(id, amount, currency="EUR", interval="month", **changes):
    return Plan(id, changes.pop("customer", id), D(amount), currency, interval, **changes)


@pytest.mark.parametrize(
    ("changes", "monthly"),
    [
        ({"interval": "year"}, D(10)),
        ({"interval": "month", "interval_count": 6}, D(20)),
        ({"interval": "week"}, D(520)),
        ({"interval": "day"}, D(3650)),
        ({"interval": "month", "quantity": 3}, D(360)),
        ({"interval": "month", "tax": D(20)}, D(100)),
        ({"interval": "month", "discount": D("0.25"), "is_forever": True}, D(90)),
        ({"interval": "month", "discount": D("0.25")}, D(120)),
        ({"interval": "month", "status": "past_due"}, D(120)),
        ({"interval": "month", "status": "unpaid"}, D(0)),
        ({"interval": "month", "status": "trialing"}, D(0)),
        ({"interval": "month", "is_metered": True}, D(0)),
    ],
)
def test_every_charge_is_brought_to_a_month(changes, monthly):
    assert round(monthly_amount(plan("a", 120, **changes)), 12) == monthly


def test_a_total_needs_a_rate_for_every_currency_that_counts():
    plans = [plan("a", 100), plan("b", 50, "CHF"), plan("c", 70, "USD", status="cancelled")]
    missing = mrr(plans, rates={}, base="EUR")
    assert (missing.value, missing.reason) == (None, "currency_rate_missing")
    assert missing.parts["missing_rates"] == ["CHF"]
    assert mrr_by_plan(plans, rates={}, base="EUR") == {"a": D(100), "b": None, "c": 0}
    known = mrr(plans, rates={"CHF": D("1.05")}, base="EUR")
    assert known.value == D("152.50")
    assert known.parts["arr"] == D("1830.00")


def test_two_subscriptions_are_one_customer():
    result = mrr([plan("a", 100, customer=1), plan("b", 20, customer=1)], rates={}, base="EUR")
    assert (result.n, result.parts["arpa"]) == (1, D(120))


def test_no_subscription_is_a_true_zero_without_an_average():
    result = mrr([], rates={}, base="EUR")
    assert (result.value, result.parts["arpa"], result.status) == (0, None, "ok")


def test_an_unknown_interval_is_refused():
    with pytest.raises(ValueError, match="'fortnight' is no interval"):
        monthly_amount(plan("a", 1, interval="fortnight"))
    with pytest.raises(ValueError, match="subscription a"):
        monthly_amount(plan("a", 1, interval_count=0))


@given(st.lists(st.decimals("0.01", 9999, places=2), max_size=12))
def test_cents_are_never_lost(amounts):
    plans = [plan(i, amount) for i, amount in enumerate(amounts)]
    assert mrr(plans, rates={}, base="EUR").value == sum(amounts, D(0))
    assert mrr(plans[::-1], rates={}, base="EUR") == mrr(plans, rates={}, base="EUR")


def test_metered_revenue_is_the_mean_of_three_months():
    assert usage_mrr([D(900), D(10), D(20), D(30)]) == D(20)
    assert usage_mrr([]) is None
