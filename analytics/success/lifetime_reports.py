"""Lifetime value by its four names, and what keeping a customer costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from analytics.periods import Period
from analytics.statistics.result import Interval, Result, null
from analytics.success.metrics import costs, lifetime
from analytics.success.metrics.facts import Id, Order
from analytics.success.metrics.lifetime import CAP_MONTHS
from analytics.success.metrics.money import ZERO, exact
from analytics.success.metrics.periods import add_months
from analytics.success.queries import Facts
from analytics.success.reports import (
    average_revenue,
    customer_churn,
    in_money,
    members,
    provisional,
    year_to,
)

_FEW_EVENTS = 10


def months_in(period: Period) -> Decimal:
    """Return the length of a period in months; whole calendar months are whole numbers."""
    months = (period.stop.year - period.start.year) * 12 + period.stop.month - period.start.month
    if months and add_months(period.start, months) == period.stop:
        return Decimal(months)
    return Decimal(period.days * 12) / 365


def _monthly(rate: float, months: Decimal) -> float:
    return float(1 - (1 - rate) ** (1 / float(months))) if months else rate


def lifetime_value(facts: Facts, period: Period) -> Result:
    """Subscription lifetime value: ARPA x margin / monthly churn, with the range churn allows."""
    arpa, churned = average_revenue(facts, period), customer_churn(facts, period)
    if arpa.reason == "currency_rate_missing":
        return arpa
    months = months_in(period)
    rate = None if churned.value is None else _monthly(float(churned.value), months)
    interval = None
    if churned.interval and int(churned.numerator or 0) < _FEW_EVENTS:
        low, high = (float(churned.interval.low), float(churned.interval.high))
        interval = Interval(
            _monthly(low, months), _monthly(high, months), churned.interval.level,
            churned.interval.method,
        )  # fmt: skip
    result = lifetime.subscription_value(
        arpa.value,
        rate,
        margin=facts.conventions.gross_margin,
        churn_interval=interval,
        currency=facts.base,
    )
    parts = result.parts | {"arpa": arpa.value, "monthly_churn": rate}
    return provisional(replace(result, n=arpa.n, parts=parts), facts, period)


@in_money
def simple_value(facts: Facts, period: Period) -> Result:
    """Value x frequency x lifespan of each buyer of the twelve months, averaged.

    Means are not multiplied: buyers who spend more also come more often.
    """
    margin, months, whence = facts.conventions.gross_margin, *_lifespan(facts, period)
    of = "revenue" if margin is None else "profit"
    label = f"order value less refunds x orders a month x {whence}, averaged over buyers: {of}"
    span = year_to(period)
    histories = _bought(facts, period.stop)
    buyers = [h for h in histories.values() if any(o.day >= span.start for o in h)]
    if not buyers:
        return null("money", "no_population", convention=label)
    if months is None:
        return null("money", "not_configured", n=len(buyers), convention=label)
    values = [
        lifetime.simple_value(spent, often, months, margin=margin)
        for spent, often in (_habit(history, span) for history in buyers)
    ]
    amounts = [value.revenue if value.profit is None else value.profit for value in values]
    result = Result(
        value=sum(amounts, ZERO) / len(amounts),
        unit="money",
        n=len(amounts),
        convention=label,
        currency=facts.base,
        parts={"lifetime_months": months},
    )
    return provisional(result, facts, period)


def _lifespan(facts: Facts, period: Period) -> tuple[Decimal | None, str]:
    """Return the months a customer stays and how we know; None when we do not."""
    if told := facts.conventions.lifespan_months:
        return Decimal(told), f"{told} months"
    churned = customer_churn(facts, period)
    if churned.value is None:
        return None, "lifespan"
    rate = _monthly(float(churned.value), months_in(period))
    months = min(Decimal(CAP_MONTHS), 1 / exact(rate)) if rate else Decimal(CAP_MONTHS)
    return months, f"one over the churn of a month, at most {CAP_MONTHS} months"


def _bought(facts: Facts, after: date) -> dict[Id, list[Order]]:
    """Return customer -> orders before a day; refunds reduce, cancelled and test orders are out."""
    found: dict[Id, list[Order]] = {}
    for order in facts.orders:
        if order.day < after and order.status not in ("test", "cancelled"):
            found.setdefault(order.customer, []).append(order)
    return found


def _habit(history: list[Order], span: Period) -> tuple[Decimal, Decimal]:
    """Return (net amount a checkout, checkouts a month) of one buyer in a span."""
    inside = [order for order in history if order.day >= span.start]
    checkouts = len({order.checkout for order in inside})
    net = sum((order.amount - order.refund for order in inside), ZERO)
    since = max(span.start, min(order.day for order in history))
    months = max(Decimal(1), months_in(Period(since, span.stop)))
    return net / checkouts, checkouts / months


def discounted_value(facts: Facts, period: Period) -> Result:
    """Worth today of what a customer will pay: first payment a month away; `now` if due now."""
    margin, a_year = facts.conventions.gross_margin, facts.conventions.discount_rate
    arpa, churned = average_revenue(facts, period), customer_churn(facts, period)
    label = f"monthly margin x r / (1 + d - r), {float(a_year):.1%} a year"
    label += ": revenue" if margin is None else ": profit"
    if arpa.reason == "currency_rate_missing":
        return arpa
    if arpa.value is None or churned.value is None:
        return null("money", "no_population", convention=label)
    retained = 1 - _monthly(float(churned.value), months_in(period))
    discount = (1 + float(a_year)) ** (1 / 12) - 1
    monthly = exact(arpa.value) * (Decimal(1) if margin is None else margin)
    found = lifetime.discounted_value(monthly, retention=retained, discount=discount)
    if found.later is None:
        return null("money", "zero_churn", convention=label)
    finite = lifetime.finite_value(
        monthly, retention=retained, discount=discount, periods=CAP_MONTHS
    )
    result = Result(
        value=found.later,
        unit="money",
        n=arpa.n,
        convention=label,
        currency=facts.base,
        parts={"now": found.now, "capped": finite, "arpa": arpa.value, "retention": retained},
    )
    return provisional(result, facts, period)


@in_money
def historic_value(facts: Facts, period: Period) -> Result:
    """What the average buyer has brought up to the end of the period."""
    margin = facts.conventions.gross_margin
    label = "orders less refunds so far per buyer: revenue"
    if margin is not None:
        label = "orders less refunds so far x margin, less serving cost, per buyer: profit"
    by_customer = _bought(facts, period.stop)
    if not by_customer:
        return null("money", "no_population", convention=label)
    values = [lifetime.historic_value(listed, margin=margin) for listed in by_customer.values()]
    amounts = [value.revenue if value.profit is None else value.profit for value in values]
    total = sum(amounts, ZERO)
    return Result(
        value=total / len(amounts),
        unit="money",
        n=len(amounts),
        numerator=total,
        denominator=len(amounts),
        convention=label,
        currency=facts.base,
        parts={"revenue": sum((value.revenue for value in values), ZERO) / len(amounts)},
    )


def retention_cost(facts: Facts, period: Period) -> Result:
    """Cost of keeping one customer who was there at the start; the other bases are in `parts`."""
    day = min(period.last, facts.today)
    total = costs.retention_cost(
        facts.costs,
        rates=facts.rates_on(day),
        base=facts.base,
        period=(period.start, period.stop),
    )
    found = members(facts, period)
    opening, kept = len(found.at_start), len(found.retained)
    average = Decimal(opening + len(found.at_end)) / 2
    per = costs.cost_per_customer(total, opening=opening, retained=kept, average=average)
    arpa = average_revenue(facts, period)
    parts = {
        "total": total.value,
        "by_category": total.parts.get("by_category", {}),
        "per_retained": per.per_retained.value,
        "per_average": per.per_average.value,
        "share_of_revenue": costs.cost_share_of_revenue(
            per.per_existing, arpa=arpa.value, months=int(months_in(period)) or 1
        ),
    }
    return provisional(replace(per.per_existing, parts=parts), facts, period)
