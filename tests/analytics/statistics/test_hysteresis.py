"""Alarms do not flicker, and nobody is told twice within a cool-down."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics.alerts import Watch, alert_events, is_quiet, watched
from analytics.statistics.trends import Week, alarms, cusum, drifts, ewma

RULES = {"raise_below": 0.0, "clear_above": 0.0, "consecutive": 2}
signs = st.lists(st.sampled_from([-1, 0, 1, None]), max_size=40)


@settings(derandomize=True, deadline=None)
@given(signs)
def test_raise_and_clear_take_turns(series: list[int | None]) -> None:
    kinds = [event.kind for event in alert_events(series, **RULES)]  # type: ignore[arg-type]
    assert kinds == (["raise", "clear"] * len(kinds))[: len(kinds)]


@settings(derandomize=True, deadline=None)
@given(signs)
def test_each_raise_follows_two_bad_values_in_a_row(series: list[int | None]) -> None:
    for event in alert_events(series, **RULES):  # type: ignore[arg-type]
        known = [value for value in series[: event.position + 1] if value is not None]
        assert known[-2:] == [-1, -1] if event.kind == "raise" else known[-1] == 1


@settings(derandomize=True, deadline=None)
@given(signs, st.integers(0, 40))
def test_a_watch_put_down_and_taken_up_again_says_the_same(
    series: list[int | None], cut: int
) -> None:
    watch, told = Watch(), []
    for index, value in enumerate(series):
        watch = Watch(*watch) if index == cut else watch  # as stored and read again
        watch, kind = watched(watch, value, **RULES)  # type: ignore[arg-type]
        told += [(index, kind)] if kind else []
    assert told == [tuple(event) for event in alert_events(series, **RULES)]  # type: ignore[arg-type]


@settings(derandomize=True, deadline=None)
@given(signs, st.integers(0, 39))
def test_values_between_the_bounds_change_nothing_that_is_raised(
    series: list[int | None], at: int
) -> None:
    before = alert_events([*series, -1, -1], **RULES)  # type: ignore[arg-type]
    after = alert_events([*series, -1, -1, *[0] * at], **RULES)  # type: ignore[arg-type]
    assert after == before


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=60), st.integers(1, 60))
def test_told_days_lie_a_cool_down_apart(offsets: list[int], days: int) -> None:
    start, told = date(2026, 1, 1), list[date]()
    for offset in sorted(offsets):
        day = start + timedelta(days=offset)
        if not is_quiet(day, told, days=days):
            told.append(day)
    gaps = [(b - a).days for a, b in itertools.pairwise(told)]
    assert all(gap >= days for gap in gaps)


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="clearing above"):
        watched(Watch(), 1.0, raise_below=2.0, clear_above=1.0)


# ---- Drift ---------------------------------------------------------------------------------

values = st.lists(st.floats(-60, 60).map(lambda x: round(x, 1)), min_size=12, max_size=40)


def weeks_of(series: list[float]) -> list[Week]:
    return [Week(value, 5000.0, 60) for value in series]


@settings(derandomize=True, deadline=None)
@given(values)
def test_a_drift_over_one_is_an_alarm_of_the_charts(series: list[float]) -> None:
    weeks = weeks_of(series)
    down, up = drifts(weeks, bad="down"), drifts(weeks, bad="up")
    first = min(
        (i for side in (down, up) for i, drift in enumerate(side) if drift and drift.strength > 1),
        default=None,
    )
    found = alarms(weeks)
    assert first == (found[0].week if found else None)


@settings(derandomize=True, deadline=None)
@given(values)
def test_both_sides_mirror_each_other(series: list[float]) -> None:
    mirrored = weeks_of([-value for value in series])
    assert drifts(weeks_of(series), bad="down") == drifts(mirrored, bad="up")


def test_a_slow_slide_drifts_before_it_looks_like_one() -> None:
    weeks = weeks_of([40.0] * 12 + [40 - 2 * step for step in range(12)])
    found = drifts(weeks, bad="down")
    assert found[:12] == [None] * 12
    strengths = [drift.strength for drift in found[12:] if drift]
    assert strengths == sorted(strengths)
    assert strengths[-1] > 1
    assert found[-1] is not None
    assert 12 <= found[-1].since <= 15
    assert [d.strength for d in drifts(weeks, bad="up")[12:] if d] == [0.0] * 12


def test_charts_start_afresh_after_what_was_acknowledged() -> None:
    weeks = weeks_of([40.0] * 12 + [20.0] * 10)
    seen = drifts(weeks, bad="down", acknowledged=20)
    assert seen[:21] == [None] * 21
    last, before = seen[-1], drifts(weeks, bad="down")[-1]
    assert last is not None and before is not None
    assert last.strength < before.strength
    assert drifts(weeks, bad="down", acknowledged=21) == [None] * 22


def test_strength_is_measured_against_the_charts_own_limits() -> None:
    series = [1.2, -0.4, 2.0]
    chart, sums = ewma(series), cusum(series)
    assert chart.values[-1] / chart.upper[-1] > 0
    assert sums.upper[-1] / 5.0 > 0
