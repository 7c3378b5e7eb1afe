from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.revenue_retention import (
    annual_from_monthly,
    gross_retention,
    net_retention,
    retention_from_totals,
    retention_interval,
)

D = Decimal
money = st.decimals(0, 5000, places=2)
customers = st.lists(
    st.builds(CustomerMrr, st.integers(), money, money, st.booleans()), max_size=20
)

ROWS = [
    CustomerMrr("grows", D(100), D(180)),
    CustomerMrr("shrinks", D(100), D(60)),
    CustomerMrr("leaves", D(50), D(0)),
    CustomerMrr("joins", D(0), D(500)),
    CustomerMrr("returns", D(0), D(25), has_paid_before=True),
]


def test_only_those_who_paid_at_the_start_are_in_either_part():
    net = net_retention(ROWS)
    assert net.value == pytest.approx(240 / 250)
    assert net.parts["with_reactivation"] == pytest.approx(265 / 250)
    assert (net.n, net.parts["largest_share"]) == (3, pytest.approx(0.4))


def test_growth_of_one_never_hides_the_shrinking_of_another():
    assert gross_retention(ROWS).value == pytest.approx(160 / 250)


def test_no_revenue_at_the_start_is_null():
    assert net_retention([ROWS[3]]).reason == "no_population"
    assert gross_retention([]).reason == "no_population"


@given(customers)
def test_gross_is_at_most_one_and_at_most_net(rows):
    net, gross = net_retention(rows), gross_retention(rows)
    if net.value is not None:
        assert 0 <= gross.value <= 1
        assert gross.value <= net.value + 1e-12


@given(customers)
def test_the_order_of_customers_does_not_matter(rows):
    assert net_retention(rows[::-1]) == net_retention(rows)


def test_the_interval_is_the_same_each_time_and_holds_the_figure():
    rows = [CustomerMrr(i, D(100), D(60 + 10 * (i % 9))) for i in range(40)]
    interval = retention_interval(rows)
    assert interval == retention_interval(rows[::-1])
    assert interval.low < net_retention(rows).value < interval.high
    assert retention_interval(rows, is_gross=True).high <= 1
    assert retention_interval(rows[:1]) is None


def test_totals_give_both_rates():
    net, gross = retention_from_totals(
        start=D(1000), expansion=D(120), contraction=D(30), churn=D(50)
    )
    assert (net.value, gross.value) == (pytest.approx(1.04), pytest.approx(0.92))
    zero = dict.fromkeys(("start", "expansion", "contraction", "churn"), D(0))
    assert retention_from_totals(**zero)[0].reason == "no_population"


def test_months_chain_by_product():
    assert annual_from_monthly([0.99] * 12) == pytest.approx(0.886385, abs=1e-6)
