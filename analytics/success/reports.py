"""Every metric as a function of the facts of a period: read, call the pure formula, done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from analytics.periods import Period
from analytics.statistics.result import Result, null
from analytics.success.metrics import purchases, referrals, renewals, trials
from analytics.success.metrics.churn import (
    Membership,
    active_in,
    churn_of,
    membership,
    retention_of,
)
from analytics.success.metrics.facts import CustomerMrr, Term
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
    return churn_of(members(facts, period), is_open=facts.is_open(period))


def members(facts: Facts, period: Period) -> Membership:
    """Sort the customers of a period, once for all metrics that ask."""
    return facts.once(
        ("members", period.start, period.stop),
        lambda: membership(facts.known_spells(period), facts.known(period)),
    )


def customer_retention(facts: Facts, period: Period) -> Result:
    return retention_of(members(facts, period), is_open=facts.is_open(period))


def renewal(facts: Facts, period: Period) -> Result:
    """Terms renewed; without an exchange rate only what is told in money is missing."""
    try:
        return _renewal(facts, period, facts.terms(period))
    except MissingRates as missing:
        found = _renewal(facts, period, facts.terms(period, has_money=False))
        unknown = dict.fromkeys(
            ("revenue_renewal_rate", "revenue_renewal_rate_uncapped", "amount_at_risk")
        )
        return replace(found, parts=found.parts | unknown | {"missing_rates": missing.currencies})


def _renewal(facts: Facts, period: Period, terms: list[Term]) -> Result:
    return renewals.renewal_rate(
        terms,
        first=period.start,
        after=period.stop,
        as_of=facts.today,
        grace_days=facts.conventions.grace_days,
        with_monthly=facts.conventions.has_monthly_renewals,
    )


def repeat_purchase(facts: Facts, period: Period) -> Result:
    found = purchases.repeat_purchase(
        facts.purchases,
        first=period.start,
        after=period.stop,
        with_refunded=facts.conventions.is_refunded_purchase,
    )
    return provisional(found, facts, period)


def referral(facts: Facts, period: Period) -> Result:
    spells, span = facts.known_spells(period), facts.known(period)
    result = referrals.referral_rate(
        facts.referrals,
        customers=len(active_in(spells, span)),
        new_customers=len(members(facts, period).new),
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
    # at the rates of the next first day, so that the months join without a gap
    day = min(period.stop, facts.today)
    ending = sum((row.end for row in facts.revenue(period, rates_day=day)), ZERO)
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
    rows = facts.revenue_ends(span)
    measure = gross_retention if is_gross else net_retention
    result, own = measure(rows), measure(facts.revenue_ends(period))
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
