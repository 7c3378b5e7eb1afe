"""Who may be asked now: every rule once, and the rest to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.cadence import AskFacts, Refusal, is_resting, refusal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FINE = AskFacts(is_live=True, is_suppressed=False, asked_at=None, rest_days=90)


def test_somebody_never_asked_may_be_asked():
    assert refusal(FINE, now=NOW) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_live": False}, Refusal.CLOSED),
        ({"closes_at": NOW}, Refusal.CLOSED),
        ({"has_address": False}, Refusal.NO_ADDRESS),
        ({"has_answered": True}, Refusal.ANSWERED),
        ({"expires_at": NOW - timedelta(seconds=1)}, Refusal.EXPIRED),
        ({"is_suppressed": True}, Refusal.SUPPRESSED),
        ({"is_internal": True}, Refusal.INTERNAL),
        ({"is_made_up": True}, Refusal.DEMO),
        ({"asked_at": NOW - timedelta(days=89)}, Refusal.REST),
    ],
)
def test_each_rule_alone_refuses(change, reason):
    assert refusal(replace(FINE, **change), now=NOW) is reason


def test_the_rest_is_over_to_the_second():
    asked = NOW - timedelta(days=90)
    assert not is_resting(asked, 90, now=NOW)
    assert is_resting(asked, 90, now=NOW - timedelta(seconds=1))


def test_no_rest_means_always():
    assert not is_resting(NOW, 0, now=NOW)


@given(st.lists(st.integers(0, 400), max_size=30), st.integers(0, 365))
def test_no_schedule_asks_anybody_twice_within_the_rest(days, rest_days):
    asked_at, asks = None, []
    for day in sorted(days):
        now = NOW + timedelta(days=day)
        facts = replace(FINE, asked_at=asked_at, rest_days=rest_days)
        if refusal(facts, now=now) is None:
            asks.append(now)
            asked_at = now
    gaps = [later - earlier for earlier, later in pairwise(asks)]
    assert all(gap >= timedelta(days=rest_days) for gap in gaps)
