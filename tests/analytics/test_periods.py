from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.periods import NAMES, BadPeriod, Period, period_named, query_of, read_period, today

SUNDAY = date(2026, 11, 22)


def test_thirteen_weeks_are_the_default_and_end_with_today() -> None:
    period = read_period({}, on=SUNDAY)
    assert (period.start, period.last, period.days) == (date(2026, 8, 24), SUNDAY, 91)


def test_the_period_before_is_as_long_and_touches() -> None:
    before = read_period({}, on=SUNDAY).before
    assert (before.start, before.last, before.days) == (date(2026, 5, 25), date(2026, 8, 23), 91)


def test_twelve_months_reach_back_to_the_same_day_of_last_year() -> None:
    assert period_named("12m", on=SUNDAY).start == date(2025, 11, 23)


def test_a_year_before_the_day_after_the_29th_of_february_exists() -> None:
    assert period_named("12m", on=date(2028, 2, 28)).start == date(2027, 2, 28)


def test_both_ends_of_a_custom_period_are_inside() -> None:
    period = read_period({"from": "2026-03-01", "to": "2026-03-31"})
    assert (period.days, period.last) == (31, date(2026, 3, 31))


@pytest.mark.parametrize(
    "query, words",
    [
        ({"period": "2w"}, "period: '2w'"),
        ({"from": "yesterday"}, "from: 'yesterday'"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, "after to"),
        ({"from": "1999-01-01", "to": "2026-05-01"}, "ten years"),
        ({"to": "9999-12-31"}, "this century"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "this century"),
    ],
)
def test_an_impossible_period_says_what_is_wrong(query: dict[str, str], words: str) -> None:
    with pytest.raises(BadPeriod, match=words):
        read_period(query, on=SUNDAY)


@given(st.sampled_from(NAMES), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_named_period_comes_back_from_its_address(name: str, on: date) -> None:
    period = period_named(name, on=on)
    assert read_period(query_of(period), on=on) == period


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 3000))
def test_a_custom_period_comes_back_from_its_address(start: date, days: int) -> None:
    period = Period(start, date.fromordinal(start.toordinal() + days + 1))
    assert read_period(query_of(period)) == period


def test_today_is_the_workspaces_day(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=timezone.utc)  # noqa: UP017
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    settings.TIME_ZONE = "Europe/Berlin"
    assert today() == date(2026, 11, 23)
