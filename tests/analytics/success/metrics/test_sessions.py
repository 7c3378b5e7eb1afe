from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.sessions import average_seconds, sessions, time_on_platform

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def after(*seconds):
    return [NOON + timedelta(seconds=s) for s in seconds]


def test_a_pause_of_exactly_the_timeout_stays_together():
    assert [s.seconds for s in sessions(after(0, 1800, 3601))] == [1800, 0]


def test_the_cap_holds_off_background_tabs():
    beats = after(*range(0, 20 * 3600, 900))
    assert [s.seconds for s in sessions(beats)] == [12 * 3600]


def test_an_hour_set_back_is_an_hour_lived():
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2025, 10, 26, 2, 50, fold=0, tzinfo=berlin)
    later = datetime(2025, 10, 26, 2, 10, fold=1, tzinfo=berlin)
    assert [s.seconds for s in sessions([later, before])] == [1200]


def test_averages_with_and_without_empty_visits():
    found = time_on_platform([sessions(after(0, 600, 9000)), sessions(after(0, 300))])
    assert found.value == pytest.approx(300)
    assert found.parts["median"] == 300
    assert found.parts["average_without_zero"] == 450
    assert found.parts["per_user"] == 450


def test_no_visits_are_null():
    assert time_on_platform([]).reason == "no_population"
    assert average_seconds([(0, 50)]).reason == "no_population"


@given(st.lists(st.integers(0, 90_000), max_size=40), st.randoms())
def test_order_and_repetition_of_the_events_do_not_matter(offsets, dice):
    shuffled = offsets + offsets[:5]
    dice.shuffle(shuffled)
    assert sessions(after(*shuffled)) == sessions(after(*offsets))
