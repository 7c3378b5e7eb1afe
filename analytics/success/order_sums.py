"""What metrics need of all orders, added up over parts of the customers.

Whoever bought how often needs whole histories. So they are read once for all
the periods that will be asked for, not once for each; what is kept is small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analytics.periods import Period
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.facts import Id
from analytics.success.metrics.facts import Order as Bought
from analytics.success.metrics.money import ZERO
from analytics.success.metrics.purchases import (
    Repeats,
    checkouts_by_customer,
    repeats,
    second_orders,
)
from analytics.success.models import Order
from analytics.success.queries import Facts
from analytics.success.spans import months_in, year_to
from analytics.success.sums import each_period

Histories = Collection[list[Bought]]


# ---- How often -----------------------------------------------------------------------


def repeats_in(facts: Facts, period: Period) -> Repeats:
    """Count the buyers of a period, and who of them bought again."""
    return each_period(facts, "repeats", period, _count_repeats)


def _count_repeats(facts: Facts, spans: Collection[Period]) -> dict[Period, Repeats]:
    found = dict.fromkeys(spans, Repeats())
    for checkouts in _checkouts(facts):
        for span in spans:
            own = repeats(checkouts, first=span.start, after=span.stop)
            found[span] = found[span].plus(own)
    return found


def _checkouts(facts: Facts) -> Iterator[dict[Id, dict[Id, date]]]:
    with_refunded = facts.conventions.is_refunded_purchase
    for part in facts.parts(Order):
        yield checkouts_by_customer(part.purchases, with_refunded=with_refunded)


def each_buyer(facts: Facts, period: Period) -> Iterator[tuple[int, int, date, Any]]:
    """Yield (checkouts in the period, ever, the last day, customer) of who bought in it."""
    for checkouts in _checkouts(facts):
        for who, days in checkouts.items():
            ever = [day for day in days.values() if day < period.stop]
            inside = sum(day >= period.start for day in ever)
            if inside:
                yield inside, len(ever), max(ever), who


def days_to_second(facts: Facts, period: Period) -> Counter[int]:
    """Return days -> how many buyers so far came back after so many."""
    counted: Counter[int] = Counter()
    for part in facts.parts(Order):
        found = second_orders(
            part.purchases,
            first=date.min,
            after=period.stop,
            as_of=facts.today,
            with_refunded=facts.conventions.is_refunded_purchase,
        )
        counted.update(found.days_to_second)
    return counted


# ---- How much ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent(Summed):
    """What `buyers` brought up to the end of a period, in the base currency.

    `recent` of them bought in the year that ends with it; `habits` adds up
    what each of those spends a month.
    """

    buyers: int = 0
    net: Decimal = ZERO
    serving: Decimal = ZERO
    recent: int = 0
    habits: Decimal = ZERO


def spent_by(facts: Facts, period: Period) -> Spent:
    """Add up what buyers brought so far. MissingRates where an order has no rate of its day."""
    return each_period(facts, "spent", period, _add_spent)


def _add_spent(facts: Facts, spans: Collection[Period]) -> dict[Period, Spent]:
    found = dict.fromkeys(spans, Spent())
    for histories in _histories(facts):
        for span in spans:
            found[span] += _spent(histories, span)
    return found


def _histories(facts: Facts) -> Iterator[Histories]:
    """Yield orders by buyer; refunds reduce, cancelled and test orders are out."""
    for part in facts.parts(Order):
        found: dict[Id, list[Bought]] = {}
        for order in part.orders:
            if order.status not in ("test", "cancelled"):
                found.setdefault(order.customer, []).append(order)
        yield found.values()


def _spent(histories: Histories, period: Period) -> Spent:
    year = year_to(period)
    buyers = recent = 0
    net = serving = habits = ZERO
    for history in histories:
        so_far = [order for order in history if order.day < period.stop]
        buyers += bool(so_far)
        net += _net(so_far)
        serving += sum((order.serving_cost for order in so_far), ZERO)
        inside = [order for order in so_far if order.day >= year.start]
        if inside:
            recent += 1
            since = max(year.start, min(order.day for order in so_far))
            habits += _habit(inside, Period(since, year.stop))
    return Spent(buyers, net, serving, recent, habits)


def _net(orders: list[Bought]) -> Decimal:
    return sum((order.amount - order.refund for order in orders), ZERO)


def _habit(orders: list[Bought], span: Period) -> Decimal:
    """Return what a buyer spends a month: net amount a checkout x checkouts a month."""
    checkouts = len({order.checkout for order in orders})
    months = max(Decimal(1), months_in(span))
    return _net(orders) / checkouts * (checkouts / months)


def each_spender(facts: Facts, period: Period) -> Iterator[tuple[Any, int, Decimal, Decimal]]:
    """Yield (customer, orders, amount less refunds, refunds) of everybody who bought so far."""
    for histories in _histories(facts):
        for history in histories:
            if so_far := [order for order in history if order.day < period.stop]:
                refunded = sum((order.refund for order in so_far), ZERO)
                yield so_far[0].customer, len(so_far), _net(so_far), refunded
