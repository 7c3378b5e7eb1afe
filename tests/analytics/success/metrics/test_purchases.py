from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import Order
from analytics.success.metrics.purchases import repeat_purchase, second_orders

SPRING = {"first": date(2025, 3, 1), "after": date(2025, 6, 1)}


def order(customer, checkout, month, day, status="paid"):
    return Order(customer, checkout, date(2025, month, day), status)


ORDERS = [
    order("twice", 1, 3, 1),
    order("twice", 2, 5, 31),
    order("in parts", 3, 4, 1),
    order("in parts", 3, 4, 9),
    order("same day", 4, 4, 2),
    order("same day", 5, 4, 2),
    order("refunded", 6, 4, 3),
    order("refunded", 7, 4, 4, "refunded"),
    order("known before", 8, 1, 1),
    order("known before", 9, 3, 9),
    order("too late", 10, 6, 1),
    order("test", 11, 4, 1, "test"),
]


def test_two_checkouts_in_the_window_make_a_repeat_buyer():
    result = repeat_purchase(ORDERS, **SPRING)
    assert (result.numerator, result.denominator) == (2, 5)
    assert result.parts["returning_customer_rate"] == pytest.approx(3 / 5)


def test_no_buyers_is_null():
    assert repeat_purchase(ORDERS[-1:], **SPRING).reason == "no_population"


def test_only_buyers_with_a_closed_window_are_judged():
    orders = [
        order("back", 1, 3, 1), order("back", 2, 3, 20),
        order("slow", 3, 3, 2), order("slow", 4, 5, 30),
        order("young", 5, 5, 20), order("young", 6, 5, 21),
    ]  # fmt: skip
    found = second_orders(orders, **SPRING, as_of=date(2025, 6, 10), within_days=30)
    assert (found.rate.numerator, found.rate.denominator, found.rate.pending) == (1, 2, 1)
    assert found.days_to_second == (19,)
    early = second_orders(orders, **SPRING, as_of=date(2025, 3, 5))
    assert early.rate.reason == "immature_cohort"


@given(st.permutations(ORDERS))
def test_order_and_repetition_of_the_rows_do_not_matter(shuffled):
    assert repeat_purchase(shuffled + shuffled[:4], **SPRING) == repeat_purchase(ORDERS, **SPRING)
