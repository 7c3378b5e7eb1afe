from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.movements import (
    bridge,
    currency_effect,
    expansion_rate,
    movements,
    top_movers,
)

D = Decimal
money = st.decimals(0, 5000, places=2)


@st.composite
def customers(draw):
    rows = []
    for index in range(draw(st.integers(0, 12))):
        levels = draw(st.lists(money, min_size=2, max_size=5))
        steps = tuple(after - before for before, after in pairwise(levels))
        rows.append(CustomerMrr(index, levels[0], levels[-1], draw(st.booleans()), steps))
    return rows


@given(customers())
def test_movements_add_up_to_the_cent(rows):
    found = bridge(rows)
    gained = found.new + found.reactivation + found.expansion
    assert found.net == gained - found.contraction - found.churn


@given(customers(), st.randoms())
def test_the_order_of_customers_does_not_matter(rows, dice):
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert bridge(shuffled) == bridge(rows)


@given(st.lists(money, max_size=8), st.booleans())
def test_a_life_of_movements_ends_where_it_ends(levels, has_paid):
    steps = movements(levels, has_paid_before=has_paid)
    assert sum((step.amount for step in steps), D(0)) == (levels[-1] if levels else 0)
    assert sum(step.kind == "new" for step in steps) <= (0 if has_paid else 1)


def test_each_kind_has_its_name():
    kinds = [step.kind for step in movements([D(10), D(30), D(20), D(0), D(5)])]
    assert kinds == ["new", "expansion", "contraction", "churn", "reactivation"]


def test_up_and_down_within_the_month_show_only_in_gross():
    found = bridge([CustomerMrr("a", D(50), D(50), True, (D(40), D(-40)))])
    assert (found.expansion, found.contraction) == (0, 0)
    assert (found.expansion_gross, found.contraction_gross) == (40, 40)
    assert found.quick_ratio is None


def test_changes_that_lead_elsewhere_are_refused():
    with pytest.raises(ValueError, match="customer a"):
        bridge([CustomerMrr("a", D(50), D(60), True, (D(5),))])


def test_expansion_over_nothing_is_null():
    assert expansion_rate(D(200), D(30)).value == 0.15
    assert expansion_rate(D(0), D(30)).reason == "no_population"


@given(money, money, st.decimals("0.5", 2, places=4), st.decimals("0.5", 2, places=4))
def test_the_exchange_rate_is_apart_and_everything_adds_up(start, end, before, after):
    found = currency_effect(start, end, rate_start=before, rate_end=after)
    assert found.start + found.movement + found.impact == found.end


def test_a_better_rate_is_no_expansion():
    found = currency_effect(D(200), D(200), rate_start=D("0.9"), rate_end=D("1.0"))
    assert (found.movement, found.impact, found.constant) == (0, D("20.0"), 1.0)


def test_the_largest_movers_come_first():
    rows = [CustomerMrr(i, D(100), D(100 + 7 * i * (-1) ** i)) for i in range(5)]
    assert [row.customer for row in top_movers(rows, count=2)] == [4, 3]
