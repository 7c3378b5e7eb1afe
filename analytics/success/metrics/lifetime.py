"""Customer lifetime value: four figures with four names, never mixed.

historic (what was), simple (value x frequency x lifespan), subscription
(ARPA x margin / churn) and discounted. Without a margin the word is
"revenue", never "profit".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.statistics.result import Interval, Number, Result, null
from analytics.success.metrics.facts import Order
from analytics.success.metrics.money import ZERO, exact

CAP_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Value:
    """`revenue`, and `profit` where a margin is known."""

    revenue: Decimal
    profit: Decimal | None


def historic_value(orders: Iterable[Order], *, margin: Number | None) -> Value:
    """Return what a customer has brought so far: net orders, and their contribution.

    contribution = net orders x margin - cost of serving; None if `margin`
    (a fraction) is not configured.
    """
    net, serving = ZERO, ZERO
    for order in orders:
        net += order.amount - order.refund
        serving += order.serving_cost
    return brought(net, serving, margin=margin)


def brought(net: Decimal, serving: Decimal, *, margin: Number | None) -> Value:
    """Return the value of net orders that cost so much to serve."""
    return Value(net, None if margin is None else net * exact(margin) - serving)


def simple_value(
    value: Number, frequency: Number, lifespan: Number, *, margin: Number | None = None
) -> Value:
    """Return value per purchase x purchases per unit of time x units of time."""
    revenue = exact(value) * exact(frequency) * exact(lifespan)
    return Value(revenue, None if margin is None else revenue * exact(margin))


@dataclass(frozen=True, slots=True)
class SpendingAverages:
    """Averages over customers of spend, visits and their product per unit of time.

    `mean_of_products` is the right one; `product_of_means` is off whenever
    spend and frequency go together.
    """

    mean_spend: Decimal
    mean_visits: Decimal
    mean_of_products: Decimal

    @property
    def product_of_means(self) -> Decimal:
        return self.mean_spend * self.mean_visits


def spending_averages(customers: Sequence[tuple[Number, Number]]) -> SpendingAverages | None:
    """Average (spend per visit, visits per unit of time) pairs; None for no customers."""
    if not customers:
        return None
    pairs = [(exact(spend), exact(visits)) for spend, visits in customers]
    n = len(pairs)
    return SpendingAverages(
        mean_spend=sum((spend for spend, _ in pairs), ZERO) / n,
        mean_visits=sum((visits for _, visits in pairs), ZERO) / n,
        mean_of_products=sum((spend * visits for spend, visits in pairs), ZERO) / n,
    )


def subscription_value(
    arpa: Number | None,
    churn: float | None,
    *,
    margin: Number | None = None,
    churn_interval: Interval | None = None,
    cap_months: int = CAP_MONTHS,
    currency: str = "",
) -> Result:
    """Return ARPA x margin / churn; `arpa` and `churn` per month.

    Zero churn is null "zero_churn" with the figure capped at `cap_months` in
    `parts`, never infinity. With few churn events pass the interval of churn:
    the result then carries the range it implies, capped as well.
    """
    if arpa is None or churn is None:
        return null("money", "no_population", convention=_label(margin))
    monthly = exact(arpa) * (Decimal(1) if margin is None else exact(margin))
    ceiling = monthly * cap_months
    if not churn:
        parts = {"capped": ceiling, "lifetime_months": None}
        return null("money", "zero_churn", convention=_label(margin), parts=parts)
    value = monthly / exact(churn)
    return Result(
        value=value,
        unit="money",
        n=0,
        interval=_range(monthly, churn_interval, cap_months),
        convention=_label(margin),
        currency=currency,
        parts={"capped": min(value, ceiling), "lifetime_months": 1 / exact(churn)},
    )


def _label(margin: Number | None) -> str:
    return "ARPA / churn: revenue" if margin is None else "ARPA x gross margin / churn: profit"


def _months(churn: Number, cap: int) -> Decimal:
    return min(Decimal(cap), 1 / exact(churn)) if churn else Decimal(cap)


def _range(monthly: Decimal, churn: Interval | None, cap: int) -> Interval | None:
    if churn is None:
        return None
    bounds = sorted(monthly * _months(rate, cap) for rate in (churn.low, churn.high))
    return Interval(bounds[0], bounds[1], churn.level, f"churn by {churn.method}, {cap} months cap")


@dataclass(frozen=True, slots=True)
class DiscountedValue:
    """Worth of an endless stream of payments: first one a period away, or due now.

    None where discounting and churn are both zero: the sum has no end.
    """

    later: Decimal | None
    now: Decimal | None


def discounted_value(margin: Number, *, retention: Number, discount: Number) -> DiscountedValue:
    """Return m r/(1 + d - r) and m (1 + d)/(1 + d - r).

    `margin` is one period's margin; feeding a lifetime margin counts life twice.
    """
    m, r, d = exact(margin), exact(retention), exact(discount)
    fade = 1 + d - r
    if fade <= 0:
        return DiscountedValue(None, None)
    return DiscountedValue(m * r / fade, m * (1 + d) / fade)


def finite_value(margin: Number, *, retention: Number, discount: Number, periods: int) -> Decimal:
    """Return the worth of `periods` payments, the first one now."""
    step = exact(retention) / (1 + exact(discount))
    return sum((exact(margin) * step**t for t in range(periods)), ZERO)
