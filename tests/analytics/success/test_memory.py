"""Memory of a large workspace's figures follows the part that is read, not how much there is."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from analytics.periods import Period
from analytics.success import reading, usage_facts
from analytics.success.behind import rows_behind
from analytics.success.catalogue import METRICS, facts_of_months, measure, months_to
from analytics.success.charts import chart_of
from analytics.success.models import Conventions, Order, SubscriptionState, UsageEvent
from analytics.success.reading import Reading
from surveys.models import Customer

MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
FEW, MANY = 100, 600  # customers
SPARE = 500_000  # bytes, for cursors and charts; the rows of all would take up to 3 MB more
MEASURED = ("customer-churn", "mrr-movements", "lifetime-simple", "active-users")


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
    for model, make in ((SubscriptionState, _states), (Order, _orders), (UsageEvent, _visits)):
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
def test_six_times_as_many_customers_take_no_more_memory(in_small_parts: None) -> None:
    _grow(range(FEW))
    for slug in MEASURED:
        _work(slug)  # what is remembered for ever is there before
    few = {slug: _peak(lambda slug=slug: _work(slug)) for slug in MEASURED}  # type: ignore[misc]
    _grow(range(FEW, MANY))
    many = {slug: _peak(lambda slug=slug: _work(slug)) for slug in MEASURED}  # type: ignore[misc]
    assert not {s: (few[s], many[s]) for s in MEASURED if many[s] > few[s] + SPARE}
