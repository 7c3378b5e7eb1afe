from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.activity import active_users, comings, stickiness, user_days
from analytics.success.metrics.facts import UsageEvent


def event(user, day, hour=12, **changes):
    return UsageEvent(user, datetime(2025, 3, day, hour, 30, tzinfo=UTC), **changes)


EVENTS = [
    event("ann", 29, 23),
    event("ann", 30, 0),
    event("ann", 30, 22),
    event("bo", 30),
    event("staff", 30, is_internal=True),
    event("reader", 30, is_core=False),
]


def test_days_are_the_workspaces_also_when_the_clock_changes():
    assert user_days(EVENTS, zone="UTC") == {
        ("ann", date(2025, 3, 29)), ("ann", date(2025, 3, 30)), ("bo", date(2025, 3, 30)),
    }  # fmt: skip
    berlin = user_days(EVENTS, zone="Europe/Berlin")
    assert ("ann", date(2025, 3, 31)) in berlin and ("ann", date(2025, 3, 29)) not in berlin


def test_people_are_counted_once_however_often_they_come():
    found = active_users(
        user_days(EVENTS, zone="UTC"), first=date(2025, 3, 28), after=date(2025, 4, 1)
    )
    assert (found.distinct, found.sum_of_daily) == (2, 3)
    assert found.by_day[date(2025, 3, 28)] == 0
    assert stickiness(found).value == pytest.approx(3 / 4 / 2)


def test_nobody_active_is_zero_users_and_no_stickiness():
    found = active_users([], first=date(2025, 3, 1), after=date(2025, 3, 29))
    assert (found.distinct, found.average_daily) == (0, 0)
    assert stickiness(found).reason == "no_population"


pairs = st.lists(
    st.tuples(st.integers(0, 9), st.dates(date(2025, 1, 1), date(2025, 3, 31))), max_size=60
)


@given(pairs)
def test_stickiness_is_a_share_and_repetition_changes_nothing(listed):
    span = {"first": date(2025, 2, 1), "after": date(2025, 3, 1)}
    found = active_users(listed, **span)
    assert active_users(listed + listed[::-1], **span) == found
    if found.distinct:
        assert 1 / 28 <= stickiness(found).value <= 1


@given(pairs)
def test_everyone_active_is_new_returning_or_resurrected(listed):
    span = {"first": date(2025, 3, 1), "after": date(2025, 3, 29)}
    here = {user for user, day in listed if span["first"] <= day < span["after"]}
    known = {user for user, day in listed if day < span["first"]}
    last = {user for user, day in listed if date(2025, 2, 1) <= day < span["first"]}
    found = comings(
        now=len(here), just_before=len(last), either=len(here | last), new=len(here - known)
    )
    assert found.new + found.returning + found.resurrected == active_users(listed, **span).distinct
    assert found.returning == len(here & last)
    assert found.resurrected == len((here & known) - last)
    assert found.gone == len(last - here)
