import pytest

from analytics.success.metrics.facts import Leg
from analytics.success.metrics.handling import handle_time, handle_time_from_totals

LEGS = [
    Leg("a", "voice", 100, 20, 30),
    Leg("a", "voice", 200, 0, 10),
    Leg("b", "voice", 90, 0, 0),
    Leg("c", "voice", 0, 0, 0, is_abandoned=True),
    Leg("d", "voice", 50, 0, 0, is_bot=True),
]


def test_a_transferred_call_is_one_contact():
    result = handle_time(LEGS)
    assert (result.value, result.n) == (225, 2)
    assert result.parts["per_leg"] == 150
    assert result.parts["p90"] == pytest.approx(90 + 0.9 * 270)


def test_chats_held_at_once_share_the_agents_time():
    result = handle_time([Leg("a", "chat", 900, 0, 60, concurrency=3)])
    assert (result.value, result.parts["concurrency_adjusted"]) == (960, 360)


def test_nothing_handled_is_null():
    assert handle_time(LEGS[3:]).reason == "no_population"
    assert handle_time_from_totals(0, 0).reason == "no_population"
