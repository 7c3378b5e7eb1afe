import pytest

from analytics.success.metrics.facts import SeatWeek
from analytics.success.metrics.usage import usage_rate


def weeks(customer, *pairs, first=0):
    return [SeatWeek(customer, first + i, *pair) for i, pair in enumerate(pairs)]


def test_a_week_is_good_when_half_of_the_seats_are_used():
    rows = weeks("good", (10, 5), (10, 9), (10, 10)) + weeks("idle", (4, 0), (4, 1), (4, 2))
    result = usage_rate(rows)
    assert (result.numerator, result.denominator, result.interval) == (4, 6, None)
    assert result.parts["customers_on_target"] == 0.5
    assert result.parts["seat_utilisation_last_week"] == pytest.approx(12 / 14)


def test_silence_counts_and_a_broken_tracker_does_not():
    assert usage_rate(weeks("a", (10, 0), (10, None))).parts["customer_weeks"] == 1


def test_a_contract_that_starts_later_has_only_its_own_weeks():
    rows = weeks("a", (0, 0), (0, 0), (2, 2)) + weeks("b", (2, 0), (2, 0), (2, 0))
    assert usage_rate(rows).parts["customer_weeks"] == 4


def test_more_users_than_seats_show_as_they_are():
    assert usage_rate(weeks("a", (2, 3))).parts["seat_utilisation_last_week"] == 1.5


def test_nobody_entitled_is_null():
    assert usage_rate(weeks("a", (0, 0))).reason == "no_population"
