"""Every metric as a function of the facts of a period: read, call the pure formula, done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from analytics.periods import Period
from analytics.statistics.result import Interval, Result, null
from analytics.success.metrics import costs, lifetime, purchases, referrals, renewals, trials
from analytics.success.metrics.churn import churn_of, membership, retention
from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.money import ZERO
from analytics.success.metrics.movements import KINDS, Bridge, bridge, expansion_rate, movement
from analytics.success.metrics.periods import add_months
from analytics.success.metrics.recurring import mrr
from analytics.success.metrics.revenue_retention import (
    gross_retention,
    net_retention,
    retention_interval,
)
from analytics.success.queries import Facts, MissingRates

Compute = Callable[[Facts, Period], Result]
BRIDGE = "net change of MRR: five movements per customer, at the rates of the first day"
_FEW_EVENTS = 10
_MOST_DRAWN = 2000


def in_money(compute: Compute) -> Compute:
    """Turn a missing exchange rate into a null that says which."""

    def guarded(facts: Facts, period: Period) -> Result:
        try:
            return compute(facts, period)
        except MissingRates as missing:
            parts = {"missing_rates": missing.currencies}
            return null("money", "currency_rate_missing", parts=parts)

    return guarded


def provisional(result: Result, facts: Facts, period: Period) -> Result:
    """Mark a figure of a period that is not over."""
    if result.value is None or not facts.is_open(period):
        return result
    return replace(result, status="provisional")


# ---- Loyalty -------------------------------------------------------------------------


def customer_churn(facts: Facts, period: Period) -> Result:
    found = membership(facts.spells, facts.known(period))
    return churn_of(found, is_open=facts.is_open(period))


def customer_retention(facts: Facts, period: Period) -> Result:
    return provisional(retention(facts.spells, facts.known(period)), facts, period)


@in_money
def renewal(facts: Facts, period: Period) -> Result:
    return renewals.renewal_rate(
        facts.terms(period),
        first=period.start,
        after=period.stop,
        as_of=facts.today,
        grace_days=facts.conventions.grace_days,
    )


@in_money
def repeat_purchase(facts: Facts, period: Period) -> Result:
    found = purchases.repeat_purchase(facts.orders, first=period.start, after=period.stop)
    return provisional(found, facts, period)


def referral(facts: Facts, period: Period) -> Result:
    found = membership(facts.spells, facts.known(period))
    active = found.at_start | found.new | found.reactivated
    result = referrals.referral_rate(
        facts.referrals,
        customers=len(active),
        new_customers=len(found.new),
        first=period.start,
        after=period.stop,
    )
    return provisional(result, facts, period)


def trial_conversion(facts: Facts, period: Period) -> Result:
    return trials.trial_conversion(
        facts.trials,
        first=period.start,
        after=period.stop,
        as_of=facts.today,
        window_days=facts.conventions.trial_days,
    )


# ---- Revenue -------------------------------------------------------------------------


def recurring_revenue(facts: Facts, period: Period) -> Result:
    """MRR at the end of the period, or now while it lasts."""
    day = min(period.stop, facts.today)
    found = mrr(
        facts.plans_at(facts.known(period).stop), rates=facts.rates_on(day), base=facts.base
    )
    return provisional(found, facts, period)


def annual_revenue(facts: Facts, period: Period) -> Result:
    found = recurring_revenue(facts, period)
    if found.value is None:
        return found
    return replace(found, value=found.parts["arr"], convention="12 × MRR at the end of the period")


def average_revenue(facts: Facts, period: Period) -> Result:
    found = recurring_revenue(facts, period)
    if found.value is None:
        return found
    arpa = found.parts["arpa"]
    if arpa is None:
        return null("money", "no_population", convention="MRR per paying customer")
    return replace(
        found,
        value=arpa,
        numerator=found.value,
        denominator=found.parts["paying"],
        convention="MRR per paying customer at the end of the period",
    )


@in_money
def revenue_movements(facts: Facts, period: Period) -> Result:
    """Net change of MRR; `parts` holds the bridge, counts by movement and the effect of rates."""
    rows = facts.revenue(period)
    found = bridge(rows)
    ending = sum((row.end for row in facts.revenue(period, rates_day=period.last)), ZERO)
    parts = {
        name: getattr(found, name)
        for name in (
            "start", "end", *KINDS, "expansion_gross", "contraction_gross", "quick_ratio",
        )
    }  # fmt: skip
    parts |= {"counts": _counts(rows), "fx": ending - found.end}
    result = Result(
        value=found.net,
        unit="money",
        n=len(rows),
        convention=BRIDGE,
        currency=facts.base,
        parts=parts,
    )
    return provisional(result, facts, period)


def _counts(rows: list[CustomerMrr]) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    for row in rows:
        if step := movement(row.start, row.end, has_paid_before=row.has_paid_before):
            counts[step.kind] += 1
    return counts


@in_money
def expansion(facts: Facts, period: Period) -> Result:
    found: Bridge = bridge(facts.revenue(period))
    result = expansion_rate(found.start, found.expansion)
    parts = {"expansion": found.expansion, "start": found.start, "gross": found.expansion_gross}
    return provisional(replace(result, parts=parts), facts, period)


def year_to(period: Period) -> Period:
    """Return the twelve months that end with a period, or the period if it is longer."""
    return Period(min(period.start, add_months(period.stop, -12)), period.stop)


def _retained(facts: Facts, period: Period, *, is_gross: bool) -> Result:
    span = year_to(period)
    rows = facts.revenue(span)
    measure = gross_retention if is_gross else net_retention
    result, own = measure(rows), measure(facts.revenue(period))
    if result.value is None:
        has_later = own.value is not None
        reason = "insufficient_history" if has_later else "no_population"
        parts = {"of_period": own.value}
        return null("fraction", reason, convention=result.convention, parts=parts)  # type: ignore[arg-type]
    interval = retention_interval(rows, is_gross=is_gross) if result.n <= _MOST_DRAWN else None
    parts = result.parts | {"of_period": own.value, "span_start": span.start.isoformat()}
    return provisional(replace(result, interval=interval, parts=parts), facts, period)


@in_money
def net_revenue_retention(facts: Facts, period: Period) -> Result:
    return _retained(facts, period, is_gross=False)


@in_money
def gross_revenue_retention(facts: Facts, period: Period) -> Result:
    return _retained(facts, period, is_gross=True)


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
def historic_value(facts: Facts, period: Period) -> Result:
    """What the average buyer has brought up to the end of the period."""
    margin = facts.conventions.gross_margin
    label = "net orders so far per buyer: revenue"
    if margin is not None:
        label = "net orders so far x margin, less serving cost, per buyer: profit"
    by_customer: dict[object, list] = {}
    for order in facts.orders:
        if order.day < period.stop and order.status != "test" and order.status != "cancelled":
            by_customer.setdefault(order.customer, []).append(order)
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
    found = membership(facts.spells, facts.known(period))
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
