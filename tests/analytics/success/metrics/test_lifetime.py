from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.shares import wilson
from analytics.success.metrics.facts import Order
from analytics.success.metrics.lifetime import (
    discounted_value,
    finite_value,
    historic_value,
    simple_value,
    spending_averages,
    subscription_value,
)

D = Decimal


def test_history_is_what_was_paid_less_refunds():
    day = date(2025, 1, 1)
    orders = [
        Order("a", 1, day, amount=D(300), refund=D(50), serving_cost=D(20)),
        Order("a", 2, day, amount=D(100), serving_cost=D(90)),
    ]
    assert historic_value(orders, margin=D("0.5")).revenue == 350
    assert historic_value(orders, margin=D("0.5")).profit == 65
    assert historic_value(orders, margin=None).profit is None
    assert historic_value([], margin=D("0.5")).revenue == 0


def test_without_a_margin_the_word_is_revenue():
    assert simple_value(20, 12, 3).profit is None
    assert simple_value(20, 12, 3, margin=0.25).profit == 180
    assert "revenue" in subscription_value(50, 0.1).convention
    assert "profit" in subscription_value(50, 0.1, margin=0.5).convention


def test_the_mean_of_products_is_not_the_product_of_means():
    found = spending_averages([(10, 1), (20, 3)])
    assert found.mean_of_products == 35
    assert found.product_of_means == 30
    assert spending_averages([]) is None


def test_no_churn_is_capped_and_never_infinite():
    result = subscription_value(50, 0, margin=0.5, cap_months=48)
    assert (result.value, result.reason) == (None, "zero_churn")
    assert result.parts["capped"] == 1200
    assert subscription_value(50, None).reason == "no_population"


def test_few_leavers_give_a_range_within_the_cap():
    result = subscription_value(50, 2 / 100, margin=1, churn_interval=wilson(2, 100))
    assert result.value == 2500
    assert result.interval.low < result.value
    assert result.interval.high == 3000


@given(st.floats(0.01, 1), st.floats(1, 1000))
def test_the_cap_never_raises_the_figure(churn, arpa):
    result = subscription_value(arpa, churn)
    assert result.parts["capped"] <= result.value


def test_a_long_enough_finite_sum_meets_the_endless_one():
    endless = discounted_value(100, retention=0.9, discount=0.02)
    assert float(endless.now) == pytest.approx(100 * 1.02 / 0.12)
    assert float(endless.later) == pytest.approx(100 * 0.9 / 0.12)
    long = finite_value(100, retention=0.9, discount=0.02, periods=400)
    assert float(long) == pytest.approx(float(endless.now))
    assert discounted_value(100, retention=1, discount=0).now is None
