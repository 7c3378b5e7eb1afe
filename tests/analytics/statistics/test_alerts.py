import pytest

from analytics.statistics.alerts import alert_events


def _events(series):
    return alert_events(series, raise_below=0.4, clear_above=0.55)


def test_two_bad_messages_raise_and_one_good_clears():
    assert _events([0.7, 0.35, 0.32, 0.45, 0.5, 0.58]) == [(2, "raise"), (5, "clear")]


def test_one_bad_message_raises_nothing():
    assert _events([0.3, 0.5, 0.3, 0.5]) == []


def test_unknown_values_neither_count_nor_interrupt():
    assert _events([0.3, None, 0.3]) == [(2, "raise")]


def test_an_alert_is_not_raised_twice_before_it_clears():
    assert _events([0.1] * 6) == [(1, "raise")]


def test_bounds_the_wrong_way_round_are_refused():
    with pytest.raises(ValueError, match="raising below"):
        alert_events([], raise_below=0.6, clear_above=0.5)
