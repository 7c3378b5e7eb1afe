"""Every metric as a function of the facts of a period: read, call the pure formula, done."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from analytics.periods import Period
from analytics.statistics.result import Result, null
from analytics.success.metrics import purchases, referrals, renewals, trials
from analytics.success.metrics.churn import churn_of, retention_of
from analytics.success.metrics.movements import KINDS, expansion_rate
from analytics.success.metrics.recurring import mrr_of
from analytics.success.metrics.revenue_retention import gross_of, net_of, retention_interval
from analytics.success.models import Term
from analytics.success.order_sums import repeats_in
from analytics.success.queries import Facts, MissingRates
from analytics.success.spans import year_to
from analytics.success.sums import (
    conversions_in,
    each_period,
    ending_at,
    ends_of,
    level_at,
    members,
    moved,
)

Compute = Callable[[Facts, Period], Result]
BRIDGE = "net change of MRR: five movements per customer, at the rates of the first day"


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


def customer_retention(facts: Facts, period: Period) -> Result:
    return retention_of(members(facts, period), is_open=facts.is_open(period))


def renewal(facts: Facts, period: Period) -> Result:
    """Terms renewed; without an exchange rate only what is told in money is missing."""
    try:
        return _renewal(facts, period)
    except MissingRates as missing:
        found = _renewal(facts, period, has_money=False)
        unknown = dict.fromkeys(
            ("revenue_renewal_rate", "revenue_renewal_rate_uncapped", "amount_at_risk")
        )
        return replace(found, parts=found.parts | unknown | {"missing_rates": missing.currencies})


def _renewal(facts: Facts, period: Period, *, has_money: bool = True) -> Result:
    said, found = facts.conventions, renewals.Renewals()
    for part in facts.parts(Term):
        found += renewals.renewals(
            renewals.decide(term, as_of=facts.today, grace_days=said.grace_days)
            for term in part.terms(period, has_money=has_money)
            if said.has_monthly_renewals or not term.is_monthly
        )
    return renewals.renewal_of(found, grace_days=said.grace_days)


def repeat_purchase(facts: Facts, period: Period) -> Result:
    found = purchases.repeat_rate(
        repeats_in(facts, period), with_refunded=facts.conventions.is_refunded_purchase
    )
    return provisional(found, facts, period)


def referral(facts: Facts, period: Period) -> Result:
    base = members(facts, period)
    found = each_period(facts, "referred", period, _count_referred)
    result = referrals.referral_of(found, customers=base.active, new_customers=base.new)
    return provisional(result, facts, period)


def _count_referred(facts: Facts, spans: Collection[Period]) -> dict[Period, referrals.Referred]:
    found = dict.fromkeys(spans, referrals.Referred())
    for part in facts.referrals_by_person():
        valid = referrals.valid_referrals(part)
        for span in spans:
            found[span] += referrals.referred(valid, first=span.start, after=span.stop)
    return found


def trial_conversion(facts: Facts, period: Period) -> Result:
    return trials.conversion_of(
        conversions_in(facts, period), window_days=facts.conventions.trial_days
    )


# ---- Revenue -------------------------------------------------------------------------


def recurring_revenue(facts: Facts, period: Period) -> Result:
    """MRR at the end of the period, or now while it lasts."""
    day = min(period.stop, facts.today)
    found = mrr_of(
        level_at(facts, facts.known(period).stop), rates=facts.rates_on(day), base=facts.base
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
    everybody = moved(facts, period)
    found = everybody.bridge
    # at the rates of the next first day, so that the months join without a gap
    ending = ending_at(facts, period, min(period.stop, facts.today))
    parts = {
        name: getattr(found, name)
        for name in (
            "start", "end", *KINDS, "expansion_gross", "contraction_gross", "quick_ratio",
        )
    }  # fmt: skip
    counts = {kind: everybody.counts[kind] for kind in KINDS}
    parts |= {"counts": counts, "fx": ending - found.end}
    result = Result(
        value=found.net,
        unit="money",
        n=everybody.customers,
        convention=BRIDGE,
        currency=facts.base,
        parts=parts,
    )
    return provisional(result, facts, period)


@in_money
def expansion(facts: Facts, period: Period) -> Result:
    found = moved(facts, period).bridge
    result = expansion_rate(found.start, found.expansion)
    parts = {"expansion": found.expansion, "start": found.start, "gross": found.expansion_gross}
    return provisional(replace(result, parts=parts), facts, period)


def _retained(facts: Facts, period: Period, *, is_gross: bool) -> Result:
    span = year_to(period)
    found = ends_of(facts, span)
    measure = gross_of if is_gross else net_of
    result, own = measure(found), measure(ends_of(facts, period))
    if result.value is None:
        has_later = own.value is not None
        reason = "insufficient_history" if has_later else "no_population"
        parts = {"of_period": own.value}
        return null("fraction", reason, convention=result.convention, parts=parts)  # type: ignore[arg-type]
    rows = found.base
    interval = None if rows is None else retention_interval(rows, is_gross=is_gross)
    parts = result.parts | {"of_period": own.value, "span_start": span.start.isoformat()}
    return provisional(replace(result, interval=interval, parts=parts), facts, period)


@in_money
def net_revenue_retention(facts: Facts, period: Period) -> Result:
    return _retained(facts, period, is_gross=False)


@in_money
def gross_revenue_retention(facts: Facts, period: Period) -> Result:
    return _retained(facts, period, is_gross=True)
