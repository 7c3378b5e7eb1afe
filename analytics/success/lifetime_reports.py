"""Lifetime value by its four names, and what keeping a customer costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from analytics.periods import Period
from analytics.statistics.result import Interval, Result, null
from analytics.success.metrics import costs, lifetime
from analytics.success.metrics.lifetime import CAP_MONTHS
from analytics.success.metrics.money import exact
from analytics.success.order_sums import spent_by
from analytics.success.queries import Facts
from analytics.success.reports import (
    average_revenue,
    customer_churn,
    in_money,
    provisional,
)
from analytics.success.spans import months_in
from analytics.success.sums import members

_FEW_EVENTS = 10


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
    found = spent_by(facts, period)
    if not found.recent:
        return null("money", "no_population", convention=label)
    if months is None:
        return null("money", "not_configured", n=found.recent, convention=label)
    value = lifetime.simple_value(found.habits, 1, months, margin=margin)
    total = value.revenue if value.profit is None else value.profit
    result = Result(
        value=total / found.recent,
        unit="money",
        n=found.recent,
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
    found = spent_by(facts, period)
    if not found.buyers:
        return null("money", "no_population", convention=label)
    value = lifetime.brought(found.net, found.serving, margin=margin)
    total = value.revenue if value.profit is None else value.profit
    return Result(
        value=total / found.buyers,
        unit="money",
        n=found.buyers,
        numerator=total,
        denominator=found.buyers,
        convention=label,
        currency=facts.base,
        parts={"revenue": value.revenue / found.buyers},
    )


def retention_cost(facts: Facts, period: Period) -> Result:
    """Cost of keeping one customer who was there at the start; the other bases are in `parts`."""
    if facts.segment:
        return null("money", "not_by_segment", convention=costs.TOTAL)
    day = min(period.last, facts.today)
    total = costs.retention_cost(
        facts.costs,
        rates=facts.rates_on(day),
        base=facts.base,
        period=(period.start, period.stop),
    )
    found = members(facts, period)
    opening, kept = found.at_start, found.retained
    average = Decimal(opening + found.at_end) / 2
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


def acquisition_cost(facts: Facts, period: Period) -> Result:
    """Cost of winning one customer; lifetime value over it where both are told as profit."""
    if facts.segment:
        return null("money", "not_by_segment", convention=costs.WON)
    total = costs.acquisition_cost(
        facts.costs,
        rates=facts.rates_on(min(period.last, facts.today)),
        base=facts.base,
        period=(period.start, period.stop),
    )
    found = costs.cost_per_new(total, new=members(facts, period).new)
    parts = {
        "total": total.value,
        "by_category": total.parts.get("by_category", {}),
        "lifetime_to_cost": _times_worth(found, facts, period),
    }
    # What was spent is told also where nobody was won.
    found = replace(found, currency=facts.base, parts=found.parts | parts)
    return provisional(found, facts, period)


def _times_worth(cost: Result, facts: Facts, period: Period) -> float | None:
    """Return lifetime value over cost; revenue over cost would flatter, so only with a margin."""
    if not cost.value or facts.conventions.gross_margin is None:
        return None
    worth = lifetime_value(facts, period)
    return None if worth.value is None else float(exact(worth.value) / exact(cost.value))
