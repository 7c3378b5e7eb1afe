"""What must hold for any facts: sums, bounds, and independence of how they came in."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.periods import Period
from analytics.success import reading, usage_facts
from analytics.success.catalogue import (
    METRICS,
    facts_for,
    facts_of_months,
    measure,
    months_to,
    series,
)
from analytics.success.intake import take_in
from analytics.success.kinds import KINDS
from analytics.success.metrics.churn import churn, membership, retention
from analytics.success.metrics.facts import CustomerMrr, PaidSpell
from analytics.success.metrics.movements import bridge
from analytics.success.metrics.periods import Period as Instants
from analytics.success.metrics.periods import between, local_midnight
from analytics.success.metrics.revenue_retention import gross_retention, net_retention
from analytics.success.models import Conventions

MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
STEADY = settings(deadline=None, derandomize=True)

cents = st.integers(0, 99_999).map(lambda n: Decimal(n) / 100)
levels = st.lists(
    st.tuples(cents, st.lists(cents, max_size=4), st.booleans()), min_size=1, max_size=12
)
days = st.integers(0, 90)
spells = st.lists(st.tuples(st.integers(0, 5), days, st.one_of(st.none(), days)), max_size=14).map(
    lambda rows: [
        PaidSpell(who, _at(start), None if stop is None else _at(start + stop))
        for who, start, stop in rows
    ]
)


def _at(day: int) -> datetime:
    return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)


def _customers(drawn: list[tuple[Decimal, list[Decimal], bool]]) -> list[CustomerMrr]:
    rows = []
    for number, (start, later, before) in enumerate(drawn):
        path = [start, *later]
        steps = tuple(b - a for a, b in itertools.pairwise(path))
        rows.append(CustomerMrr(number, start, path[-1], before or start > 0, steps))
    return rows


@STEADY
@given(levels)
def test_the_five_movements_add_up_to_the_cent(drawn):
    found = bridge(_customers(drawn))
    gained = found.new + found.reactivation + found.expansion
    assert found.start + gained - found.contraction - found.churn == found.end


@STEADY
@given(levels)
def test_gross_retention_is_at_most_one_and_at_most_net(drawn):
    net, gross = net_retention(_customers(drawn)), gross_retention(_customers(drawn))
    if gross.value is None:
        assert net.value is None
    else:
        assert 0 <= gross.value <= 1
        assert gross.value <= net.value + 1e-12


@STEADY
@given(spells, days, days)
def test_churn_and_retention_add_up_to_one(drawn, start, length):
    span = Instants(_at(start), _at(start + length))
    lost, kept = churn(drawn, span), retention(drawn, span)
    if lost.value is None:
        assert (kept.value, lost.reason) == (None, "no_population")
    else:
        assert lost.value + kept.value == pytest.approx(1)


@STEADY
@given(spells, st.lists(days, min_size=3, max_size=5, unique=True))
def test_who_is_there_at_the_end_of_one_period_starts_the_next(drawn, borders):
    instants = [_at(day) for day in sorted(borders)]
    found = [membership(drawn, Instants(a, b)) for a, b in itertools.pairwise(instants)]
    for before, after in itertools.pairwise(found):
        assert before.at_end == after.at_start
    whole = membership(drawn, Instants(instants[0], instants[-1]))
    assert len(whole.events) == sum(len(part.events) for part in found)


@STEADY
@given(
    st.sampled_from(
        ["America/New_York", "Europe/London", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia"]
    ),
    st.dates(date(2010, 1, 1), date(2026, 12, 1)),
    st.integers(1, 40),
)
def test_days_of_23_and_25_hours_leave_no_gap_and_overlap_nowhere(zone, first, length):
    borders = [first + timedelta(days=n) for n in range(length + 1)]
    instants = [local_midnight(day, zone) for day in borders]
    assert instants == sorted(instants)
    whole = between(borders[0], borders[-1], zone=zone)
    assert sum(((b - a) for a, b in itertools.pairwise(instants)), timedelta()) == (
        whole.stop - whole.start
    )


# ---- However facts come in, and however they are read --------------------------------


def _world(dice: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Return facts of a small workspace over some months."""
    names = [f"c{n}" for n in range(8)]
    rows: list[tuple[str, dict[str, Any]]] = [
        ("customers", {"external_id": n, "name": n, "is_internal": n == "c7"}) for n in names
    ]
    for name in names:
        rows += [("subscriptions", state) for state in _states(dice, name)]
        held = {"customer": name, "first_date": "2025-01-10"}
        rows.append(("entitlements", held | {"external_id": f"f-{name}", "feature": "reports"}))
        rows.append(("entitlements", held | {"external_id": f"p-{name}", "seats": 2}))
    for number in range(60):
        rows += _happenings(dice, dice.choice(names), number)
    rate = {"currency": "USD", "to_currency": "EUR"}
    rows.append(("exchange-rates", rate | {"day": "2023-01-01", "rate": "0.9"}))
    rows.append(("exchange-rates", rate | {"day": "2025-03-20", "rate": "0.8"}))
    return rows


def _states(dice: random.Random, name: str) -> Iterator[dict[str, Any]]:
    day = date(2024, 1, 1) + timedelta(days=dice.randrange(400))
    for step in range(dice.randrange(1, 6)):
        yield {
            "external_id": f"s-{name}",
            "customer": name,
            "at": str(day),
            "status": dice.choice(("active", "paused", "cancelled")) if step else "active",
            "amount": dice.randrange(1, 9) * 10,
            "currency": dice.choice(("EUR", "USD")),
        }
        day += timedelta(days=dice.randrange(1, 150))


def _happenings(dice: random.Random, who: str, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    at = datetime(2025, 1, 5, tzinfo=UTC) + timedelta(minutes=dice.randrange(130_000))
    row = {"external_id": f"x{number}", "customer": who}
    user, feature = f"{who}-{dice.randrange(3)}", dice.choice(("", "reports"))
    event = {"user": user, "at": at.isoformat(), "name": "open", "feature": feature}
    yield "usage-events", row | event
    if number % 3 == 0:
        solved = at + timedelta(hours=dice.randrange(90))
        times = {"opened_at": at.isoformat(), "solved_at": solved.isoformat()}
        helped = row if number % 2 else {"external_id": f"x{number}", "requester": f"x{number % 8}"}
        yield "tickets", helped | times | {"issue": f"i{number % 9}" if number % 4 else ""}
        leg = {"contact": f"k{number % 16}", "channel": dice.choice(("phone", "chat"))}
        yield "contact-legs", row | leg | {"ended_at": solved.isoformat(), "talk_seconds": number}
        named = {"referred": f"p{number % 11}", "converted_at": solved.isoformat()}
        yield "referrals", row | named | {"at": at.isoformat()}
        paid = {"amount": dice.randrange(1, 90), "currency": "EUR"}
        yield "orders", row | paid | {"checkout": f"k{number}", "placed_at": at.isoformat()}


def _tell(rows: list[tuple[str, dict[str, Any]]]) -> None:
    Conventions.objects.get_or_create(base_currency="EUR")
    for kind in KINDS:  # customers come first
        if listed := [row for name, row in rows if name == kind]:
            found = take_in(KINDS[kind], listed)
            assert not found.refusals, found.refusals


def _measured() -> dict[str, Any]:
    facts = facts_of_months(MARCH, 4, as_of=AS_OF)
    return {
        slug: [result.as_dict() for _p, result in series(found, facts, months_to(MARCH, 4))]
        for slug, found in METRICS.items()
    }


def _forget() -> None:
    for kind in reversed(KINDS.values()):
        kind.model._default_manager.all().delete()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_and_repeated_facts_give_the_same_metrics(seed):
    dice = random.Random(seed)
    rows = _world(dice)
    _tell(rows)
    straight = _measured()
    _forget()
    for part in (dice.sample(rows, len(rows) // 3), dice.sample(rows, len(rows))):
        known = [row for row in rows if row[0] == "customers"]
        _tell(known + [row for row in part if row[0] != "customers"])
    assert _measured() == straight


@pytest.mark.django_db
def test_a_large_workspace_is_read_period_by_period_with_the_same_numbers(monkeypatch):
    _tell(_world(random.Random(3)))
    held = _measured()
    monkeypatch.setattr(reading, "MOST_HELD", 3)
    monkeypatch.setattr(usage_facts, "MOST_HELD", 0)
    assert _measured() == held
    for slug, found in METRICS.items():  # and alone, as the nightly work reads a month
        alone = measure(found, facts_for(MARCH, as_of=AS_OF), MARCH).as_dict()
        assert alone == held[slug][-1], slug


@pytest.mark.django_db
def test_the_months_of_the_bridge_join_without_a_gap():
    _tell(_world(random.Random(4)))
    facts = facts_of_months(MARCH, 6, as_of=AS_OF)
    moved = [r for _p, r in series(METRICS["mrr-movements"], facts, months_to(MARCH, 6))]
    levels = [r for _p, r in series(METRICS["mrr"], facts, months_to(MARCH, 6))]
    for result, level, after in zip(moved, levels, [*moved[1:], None], strict=True):
        assert result.parts["end"] + result.parts["fx"] == level.value
        if after is not None:
            assert after.parts["start"] == level.value
