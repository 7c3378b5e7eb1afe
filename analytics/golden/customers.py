"""Cases about customers: churn, retention, renewal, purchases, referrals, trials."""

from __future__ import annotations

from analytics.golden.reading import (
    Input,
    Output,
    amount,
    day,
    instant,
    table,
    take,
    the_day,
    the_instant,
    with_reason,
)
from analytics.success.metrics.churn import annual_churn, churn, churn_conventions, ratio
from analytics.success.metrics.cohorts import textbook_retention
from analytics.success.metrics.facts import Order, PaidSpell, Referral, Term, Trial
from analytics.success.metrics.periods import Period
from analytics.success.metrics.purchases import repeat_purchase
from analytics.success.metrics.referrals import referral_rate
from analytics.success.metrics.renewals import renewal_rate
from analytics.success.metrics.trials import trial_conversion


def plain_ratio(given: Input) -> Output:
    result = ratio(given["numerator"], given["denominator"])
    return with_reason({"rate": result.value}, result)


def churn_rows(given: Input) -> Output:
    spells = [
        PaidSpell(row["customer"], the_instant(row["start"]), instant(row["end"]))
        for row in table(given)
        if row["kind"] == "paid"
    ]
    result = churn(spells, Period(the_instant(given["start"]), the_instant(given["end"])))
    output = take(
        result.parts,
        (
            "start",
            "retained",
            "churned",
            "new",
            "end",
            "churn_events",
            "events_over_start_plus_new",
        ),
    )
    output |= {
        "reactivated_from_before": result.parts["reactivated"],
        "churn_rate": result.value,
        "retention_rate": None if result.value is None else 1 - float(result.value),
    }
    return with_reason(output, result)


def churn_counts(given: Input) -> Output:
    names = ("start", "lost_from_start", "new", "lost_from_new")
    found = churn_conventions(**take(given, names))
    output: Output = {
        name: getattr(found, name)
        for name in (
            "closed_cohort",
            "all_over_start",
            "all_over_start_plus_new",
            "all_over_average",
        )
    }
    return output | ({"reason": "no_population"} if found.closed_cohort is None else {})


def annualised(given: Input) -> Output:
    if given["monthly"] is None:
        return {"annual": None, "reason": "no_population"}
    return {"annual": annual_churn(given["monthly"])}


def textbook(given: Input) -> Output:
    rate = textbook_retention(start=given["start"], new=given["new"], end=given["end"])
    return {"retention_rate": rate} | ({"reason": "no_population"} if rate is None else {})


def renewal_rows(given: Input) -> Output:
    terms = [
        Term(
            id=row["term"],
            due=the_day(row["due"]),
            amount_due=amount(row["amount_due"]),
            renewed=day(row["renewed_at"]),
            amount_renewed=amount(row["amount_renewed"]),
            cancelled=day(row["cancelled_at"]),
            is_refunded=row["refunded"],
        )
        for row in table(given)
    ]
    result = renewal_rate(
        terms,
        first=the_day(given["start"]),
        after=the_day(given["end"]),
        as_of=the_day(given["as_of"]),
        grace_days=given.get("grace_days", 30),
    )
    return with_reason({"renewal_rate": result.value, **result.parts}, result)


def rpr_rows(given: Input) -> Output:
    orders = [
        Order(row["customer"], row["checkout"], the_day(row["at"]), row["status"])
        for row in table(given)
    ]
    result = repeat_purchase(orders, first=the_day(given["start"]), after=the_day(given["end"]))
    output = {"repeat_purchase_rate": result.value, **result.parts}
    return with_reason(output, result)


def referral_rows(given: Input) -> Output:
    referrals = [
        Referral(
            id=row["id"],
            referrer=row["referrer"],
            is_by_customer=row["referrer_is_customer"],
            referred=row["referred"],
            is_customer_already=row["referred_is_existing_customer"],
            day=the_day(row["at"]),
            is_converted=row["converted"],
        )
        for row in table(given)
    ]
    customers, newcomers = given["customers"], given.get("new_customers", 0)
    result = referral_rate(referrals, customers=customers, new_customers=newcomers)
    output = {
        "valid": result.parts["valid"],
        "referrers": result.parts["referrers"],
        "referred_customers": result.parts["converts"],
        "referral_rate": result.value,
        "referred_per_customer": result.parts["converts_per_customer"],
        "referred_share_of_new": result.parts["share_of_new"],
        "conversion": result.parts["conversion"],
    }
    return with_reason(output, result)


def trial_rows(given: Input) -> Output:
    trials = [
        Trial(
            id=row["trial"],
            customer=row.get("customer", row["trial"]),
            started=the_day(row["start"]),
            first_paid=day(row["first_paid"]),
            amount=amount(row["amount"]),
            is_refunded=row["refunded"],
            is_internal=row["internal"],
        )
        for row in table(given)
    ]
    result = trial_conversion(
        trials,
        first=the_day(given["start"]),
        after=the_day(given["end"]),
        as_of=the_day(given["as_of"]),
        window_days=given.get("window_days", 30),
    )
    output = {
        "started": result.parts["started"],
        "mature": result.parts["mature"],
        "immature": result.pending,
        "converted": result.numerator or 0,
        "conversion_rate": result.value,
        "conversion_rate_with_refunds": result.parts["rate_with_refunds"],
        "same_period_ratio": result.parts["same_period_ratio"],
    }
    return with_reason(output, result)


FNS = {
    "ratio": plain_ratio,
    "churn.rows": churn_rows,
    "churn.counts": churn_counts,
    "churn.annualise": annualised,
    "retention.textbook": textbook,
    "renewal.rows": renewal_rows,
    "rpr.rows": rpr_rows,
    "referral.rows": referral_rows,
    "trial.rows": trial_rows,
}
