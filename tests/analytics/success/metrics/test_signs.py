from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.statistics.nps import nps_change
from analytics.statistics.targets import target_state
from analytics.statistics.trends import Alarm
from analytics.success.metrics.signs import (
    AccountHealth,
    account_signs,
    alert_precision,
    is_cooling_down,
    metric_signs,
)

TODAY = date(2025, 6, 1)


def test_only_moves_for_the_worse_are_signs():
    fall = nps_change((75, 40, 25), (48, 42, 40))
    assert metric_signs(change=fall) == ["change"]
    assert metric_signs(change=fall, is_higher_better=False) == []
    assert metric_signs(drifts=[Alarm(9, 5, "cusum", "up")], is_higher_better=False) == ["drift"]
    assert metric_signs(drifts=[Alarm(9, 5, "cusum", "up")]) == []


def test_a_level_is_a_sign_only_when_the_interval_is_clear_of_it():
    assert metric_signs(target=target_state(20, 40, low=10, high=30)) == ["level"]
    assert metric_signs(target=target_state(35, 40, low=10, high=50)) == []
    assert metric_signs(target=target_state(None, 40)) == []


@pytest.mark.parametrize(
    ("account", "signs"),
    [
        (AccountHealth("yellow", 70, "green", 80), ["band_fell"]),
        (AccountHealth("green", 80, "green", 96), ["score_fell"]),
        (AccountHealth("red", 30, "red", 30, TODAY + timedelta(60)), ["red_before_renewal"]),
        (AccountHealth("red", 30, "red", 30, TODAY + timedelta(61)), []),
        (AccountHealth("red", 30, "red", 30, TODAY - timedelta(1)), []),
        (AccountHealth(None, None, "green", 90), []),
        (AccountHealth("green", 90, "red", 40), []),
    ],
)
def test_an_account_says_why_it_needs_somebody(account, signs):
    assert account_signs(account, today=TODAY) == signs


def test_the_same_alert_is_not_raised_again_too_soon():
    now = datetime(2025, 6, 8, tzinfo=UTC)
    assert is_cooling_down(now - timedelta(days=6), now)
    assert not is_cooling_down(now - timedelta(days=7), now)
    assert not is_cooling_down(None, now)


def test_alerts_are_judged_by_what_became_of_them():
    assert alert_precision(6, 8).value == 0.75
    assert alert_precision(0, 0).reason == "no_population"
