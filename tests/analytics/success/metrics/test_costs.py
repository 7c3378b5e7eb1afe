from datetime import date
from decimal import Decimal

import pytest

from analytics.success.metrics.costs import (
    acquisition_cost,
    cost_per_customer,
    cost_per_new,
    cost_share_of_revenue,
    retention_cost,
)
from analytics.success.metrics.facts import Cost

D = Decimal
COSTS = [
    Cost("payroll", D(9000), "EUR", D("0.5")),
    Cost("tools", D(1000), "USD"),
    Cost("advertising", D(4000), "GBP", D(0)),
]


def test_only_the_share_spent_on_keeping_customers_counts():
    total = retention_cost(COSTS, rates={"USD": D("0.9")}, base="EUR")
    assert total.value == D("5400.0")
    assert total.parts["by_category"]["payroll"] == D("4500.0")
    found = cost_per_customer(total, opening=100, retained=90, average=108)
    assert found.per_existing.value == 54
    assert found.per_retained.value == 60
    assert found.per_average.value == 50


def test_nothing_entered_is_not_zero_and_zero_is_not_nothing():
    assert retention_cost([], rates={}, base="EUR").reason == "not_configured"
    assert retention_cost([Cost("tools", D(0), "USD")], rates={}, base="EUR").value == 0


def test_a_missing_rate_stops_the_total_only_where_it_matters():
    missing = retention_cost(COSTS, rates={}, base="EUR")
    assert (missing.reason, missing.parts["missing_rates"]) == ("currency_rate_missing", ["USD"])
    assert cost_per_customer(missing, opening=1, retained=1, average=1).per_existing.value is None


def test_a_cost_over_several_months_is_spread_by_day():
    quarter = Cost("training", D(900), "EUR", first=date(2025, 4, 1), after=date(2025, 7, 1))
    may = retention_cost(
        [quarter], rates={}, base="EUR", period=(date(2025, 5, 1), date(2025, 6, 1))
    )
    assert float(may.value) == pytest.approx(900 * 31 / 91)


def test_only_what_was_spent_on_winning_customers_is_divided_by_those_won():
    ads = Cost("ads", D(3000), "EUR", D(0), acquisition_share=D(1))
    sales = Cost("sales", D(2000), "USD", D("0.25"), acquisition_share=D("0.75"))
    total = acquisition_cost([*COSTS, ads, sales], rates={"USD": D("0.9")}, base="EUR")
    assert total.value == 4350 and total.parts["by_category"] == {"ads": 3000, "sales": 1350}
    found = cost_per_new(total, new=10)
    assert (found.value, found.numerator, found.denominator) == (435, 4350, 10)
    assert cost_per_new(total, new=0).reason == "no_population"
    # A cost without a share for it is not a cost of nothing.
    assert acquisition_cost(COSTS, rates={}, base="EUR").reason == "not_configured"
    free = Cost("ads", D(0), "USD", D(0), acquisition_share=D(1))
    assert cost_per_new(acquisition_cost([free], rates={}, base="EUR"), new=3).value == 0


def test_no_customers_is_null():
    total = retention_cost(COSTS[:1], rates={}, base="EUR")
    found = cost_per_customer(total, opening=0, retained=10, average=5)
    assert found.per_existing.reason == "no_population"
    assert found.per_retained.value == 450


def test_cost_is_seen_beside_revenue():
    total = retention_cost(COSTS[:1], rates={}, base="EUR")
    each = cost_per_customer(total, opening=100, retained=90, average=95).per_existing
    assert cost_share_of_revenue(each, arpa=D(30), months=3) == pytest.approx(0.5)
    assert cost_share_of_revenue(each, arpa=None, months=3) is None
