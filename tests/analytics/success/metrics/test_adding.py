"""Sums of parts are the sum of the whole, wherever facts are cut between what belongs together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.success.metrics.facts import Leg, Referral, Ticket
from analytics.success.metrics.handling import Handled, handle_time, handle_time_of, handled
from analytics.success.metrics.periods import Period
from analytics.success.metrics.referrals import (
    Referred,
    referral_of,
    referral_rate,
    referred,
    valid_referrals,
)
from analytics.success.metrics.resolution import (
    Policy,
    Resolved,
    first_contact_resolution,
    resolution_of,
    resolved,
    solved_threads,
)
from analytics.success.metrics.waiting import Wait, Waited, times_of, waited, waiting_times

STEADY = settings(deadline=None, derandomize=True, max_examples=40)
START = datetime(2025, 3, 1, tzinfo=UTC)
MARCH = Period(START, START + timedelta(days=31))
AS_OF = START + timedelta(days=36)
Fact = TypeVar("Fact")
seeds = st.integers(0, 10_000)


def split(
    dice: random.Random, facts: Iterable[Fact], key: Callable[[Fact], Any]
) -> list[list[Fact]]:
    """Return facts in up to four parts, those of one key in the same."""
    parts: list[list[Fact]] = [[], [], [], []]
    place: dict[Any, int] = {}
    for fact in facts:
        parts[place.setdefault(key(fact), dice.randrange(4))].append(fact)
    return parts


def tickets(dice: random.Random) -> list[Ticket]:
    found = []
    for number in range(dice.randrange(60)):
        opened = START + timedelta(hours=dice.randrange(-200, 900))
        solved = opened + timedelta(hours=dice.randrange(200)) if dice.random() < 0.8 else None
        found.append(
            Ticket(
                number, dice.choice((1, 2, "3", "who")), dice.choice("xyz"), opened, solved,
                dice.choice((1, 1, 2)), dice.choice((0, 0, 1)), dice.random() < 0.2,
                dice.choice(("", "", "spam", "abandoned")),
            )
        )  # fmt: skip
    return found


@STEADY
@given(seeds, st.booleans())
def test_first_contact_resolution_adds_up(seed: int, abandoned: bool) -> None:
    dice, policy = random.Random(seed), Policy(abandoned_counts=abandoned)
    everything, found = tickets(dice), Resolved()
    for part in split(dice, everything, lambda ticket: (ticket.customer, ticket.issue)):
        solved = solved_threads(part, as_of=AS_OF, policy=policy)
        found += resolved(solved, MARCH, as_of=AS_OF, policy=policy)
    whole = first_contact_resolution(everything, MARCH, as_of=AS_OF, policy=policy)
    assert resolution_of(found, policy=policy) == whole


@STEADY
@given(seeds)
def test_handle_time_adds_up(seed: int) -> None:
    dice, found = random.Random(seed), Handled()
    everything = [
        Leg(
            dice.randrange(20), "phone", dice.random() * 900, dice.random(), dice.random() * 60,
            dice.random() < 0.1, dice.choice((1, 1, 3)), dice.random() < 0.1,
        )
        for _number in range(dice.randrange(60))
    ]  # fmt: skip
    for part in split(dice, everything, lambda leg: leg.contact):
        found += handled(part)
    assert handle_time_of(found) == handle_time(everything)


@STEADY
@given(seeds, st.sampled_from([None, 0.0, 300.0]))
def test_waiting_times_add_up(seed: int, target: float | None) -> None:
    dice, found = random.Random(seed), Waited()
    everything = [
        Wait(dice.choice((0.0, 300.0, dice.random() * 900)), dice.random() < 0.7)
        for _number in range(dice.randrange(60))
    ]
    for part in split(dice, everything, lambda _wait: dice.random()):
        found += waited(part, target=target)
    assert times_of(found, target=target) == waiting_times(everything, target=target)


@STEADY
@given(seeds)
def test_referrals_add_up(seed: int) -> None:
    dice, found = random.Random(seed), Referred()
    first, after = date(2025, 3, 5), date(2025, 3, 25)
    everything = [
        Referral(
            number, dice.randrange(9), dice.random() < 0.9, dice.randrange(12),
            dice.random() < 0.1, date(2025, 3, dice.randrange(1, 31)), dice.random() < 0.5,
        )
        for number in range(dice.randrange(60))
    ]  # fmt: skip
    for part in split(dice, everything, lambda referral: referral.referred):
        found += referred(valid_referrals(part), first=first, after=after)
    base = {"customers": 12, "new_customers": 4}
    whole = referral_rate(everything, **base, first=first, after=after)
    assert referral_of(found, **base) == whole
