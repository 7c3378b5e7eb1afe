from decimal import Decimal

import pytest

from analytics.statistics.nps import nps
from analytics.statistics.result import Result
from analytics.statistics.targets import target_state, target_state_of


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [(41, 60, "met"), (40, 60, "met"), (2, 27, "missed"), (30, 45, "unclear"), (10, 40, "unclear")],
)
def test_the_whole_interval_decides(low, high, state):
    assert target_state((low + high) / 2, 40, low=low, high=high).state == state


def test_lower_is_better_turns_everything_round():
    found = target_state(0.05, 0.08, low=0.031, high=0.079, is_higher_better=False)
    assert found.state == "met"
    assert found.gap == pytest.approx(0.03)
    late = target_state(0.2, 0.08, low=0.1, high=0.3, is_higher_better=False)
    assert late.state == "missed" and late.gap < 0


def test_without_a_value_there_is_no_state():
    assert target_state(None, 40).state is None
    assert target_state_of(nps(0, 0, 0), 40).reason == "no_responses"


def test_money_without_interval_stands_for_itself():
    revenue = Result(value=Decimal("1200.10"), unit="money", n=3)
    assert target_state_of(revenue, Decimal("1200.10")).state == "met"
    assert target_state_of(revenue, 1300).state == "missed"
