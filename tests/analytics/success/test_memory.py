"""Memory of a large workspace's figures follows the part that is read, not how much there is."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model

from analytics.periods import Period
from analytics.success import reading, usage_facts
from analytics.success.behind import rows_behind
from analytics.success.catalogue import METRICS, facts_of_months, measure, months_to
from analytics.success.charts import chart_of
from analytics.success.models import (
    ContactLeg,
    Conventions,
    Order,
    Referral,
    SubscriptionState,
    Ticket,
    UsageEvent,
)
from analytics.success.reading import Reading
from surveys.models import Customer

MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
FEW, MANY = 60, 300  # customers
SPARE = 300_000  # bytes, for cursors and charts; the rows of all would take up to 1.5 MB more
MEASURED = (
    "customer-churn", "mrr-movements", "lifetime-simple", "active-users", "referral",
    "first-contact-resolution", "handle-time", "first-reply-time",
)  # fmt: skip


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_HELD", 250)
    monkeypatch.setattr(usage_facts, "MOST_HELD", 250)
    monkeypatch.setattr(Reading, "chunk", 250)


def _grow(names: range) -> None:
    """Let there be these customers with five states, orders and visits each."""
    Conventions.objects.get_or_create(base_currency="EUR")
    Customer.objects.bulk_create(Customer(external_id=f"c{n}", name=f"Customer {n}") for n in names)
    keys = Customer.objects.filter(external_id__in=[f"c{n}" for n in names])
    for model, make in _MAKE.items():
        model._default_manager.bulk_create(row for key in keys for row in make(key.pk))


def _states(who: int) -> Iterator[SubscriptionState]:
    start = datetime(2024, 2, 1, tzinfo=UTC) + timedelta(days=who % 90)
    for step in range(5):
        at, is_paying = start + timedelta(days=80 * step), (who + step) % 7 > 0
        yield SubscriptionState(
            external_id=f"s{who}", customer_id=who, at=at, currency="EUR",
            until=at + timedelta(days=80) if step < 4 else None,
            status="active" if is_paying else "cancelled",
            monthly=Decimal(10 + (who + step) % 9) if is_paying else Decimal(0),
        )  # fmt: skip


def _orders(who: int) -> Iterator[Order]:
    for step in range(5):
        at = datetime(2024, 11, 3, tzinfo=UTC) + timedelta(days=(who * 7 + step * 40) % 170)
        yield Order(
            external_id=f"o{who}-{step}", customer_id=who, checkout=f"k{who}-{step}",
            placed_at=at, status="paid", amount=Decimal(20 + who % 30), currency="EUR",
        )  # fmt: skip


def _visits(who: int) -> Iterator[UsageEvent]:
    for step in range(5):
        at = datetime(2025, 2, 20, tzinfo=UTC) + timedelta(hours=(who * 5 + step * 170) % 900)
        yield UsageEvent(
            external_id=f"e{who}-{step}", user=f"u{who}-{step % 2}", customer_id=who, at=at,
            day=at.date(), name="saved", is_core=True,
        )  # fmt: skip


def _tickets(who: int) -> Iterator[Ticket]:
    for step in range(5):
        at = datetime(2025, 2, 3, tzinfo=UTC) + timedelta(hours=(who * 7 + step * 200) % 1300)
        yield Ticket(
            external_id=f"t{who}-{step}", customer_id=who if step else None, issue=f"i{step % 3}",
            opened_at=at, solved_at=at + timedelta(hours=step), channel="mail",
            first_reply_at=at + timedelta(minutes=9 * step),
        )  # fmt: skip


def _legs(who: int) -> Iterator[ContactLeg]:
    for step in range(5):
        at = datetime(2025, 2, 3, tzinfo=UTC) + timedelta(hours=(who * 7 + step * 200) % 1300)
        yield ContactLeg(
            external_id=f"l{who}-{step}", customer_id=who, contact=f"t{who}-{step // 2}",
            ended_at=at, talk_seconds=60 + step, channel="phone",
        )  # fmt: skip


def _referrals(who: int) -> Iterator[Referral]:
    for step in range(5):
        at = datetime(2025, 2, 3, tzinfo=UTC) + timedelta(hours=(who * 7 + step * 200) % 1300)
        yield Referral(
            external_id=f"r{who}-{step}", customer_id=who, referred=f"p{who + step}@example.com",
            at=at,
        )  # fmt: skip


_MAKE: dict[type[Model], Callable[[int], Iterator[Any]]] = {
    SubscriptionState: _states, Order: _orders, UsageEvent: _visits, Ticket: _tickets,
    ContactLeg: _legs, Referral: _referrals,
}  # fmt: skip


def _work(slug: str) -> None:
    """Compute a month of a metric with all a page shows of it, as the work ahead does."""
    facts = facts_of_months(MARCH, 2, as_of=AS_OF)
    months = [(span, measure(METRICS[slug], facts, span)) for span in months_to(MARCH, 2)]
    chart_of(slug, facts, months)
    rows_behind(slug, facts, MARCH)


def _peak(work: Callable[[], None]) -> int:
    """Return the most bytes held while some work was done."""
    tracemalloc.start()
    try:
        before, _peak_so_far = tracemalloc.get_traced_memory()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.django_db
def test_five_times_as_many_customers_take_no_more_memory(in_small_parts: None) -> None:
    _grow(range(FEW))
    for slug in MEASURED:
        _work(slug)  # what is remembered for ever is there before
    few = {slug: _peak(lambda slug=slug: _work(slug)) for slug in MEASURED}  # type: ignore[misc]
    _grow(range(FEW, MANY))
    many = {slug: _peak(lambda slug=slug: _work(slug)) for slug in MEASURED}  # type: ignore[misc]
    assert not {s: (few[s], many[s]) for s in MEASURED if many[s] > few[s] + SPARE}
