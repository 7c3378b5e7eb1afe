"""Monthly recurring revenue at an instant, and what follows from it: ARR, ARPA.

Active and past-due subscriptions, normalised to a month, without tax, trials,
metered items and one-off discounts (Stripe's definition).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.statistics.result import Result, null
from analytics.success.metrics.facts import Id, Plan, Rates
from analytics.success.metrics.money import ZERO, missing_rates, rate_of

CONVENTION = "active and past-due, per month, without tax, trials, metered and one-off discounts"
PAYING = frozenset({"active", "past_due"})
MONTHS_PER: dict[str, Decimal] = {
    "day": Decimal(365) / 12,
    "week": Decimal(52) / 12,
    "month": Decimal(1),
    "year": Decimal(1) / 12,
}
"""How many charges of one interval fall in a month. Some tools use 365/84 for a week."""


def monthly_amount(plan: Plan) -> Decimal:
    """Return what a subscription adds to MRR, in its own currency; 0 if it does not count.

    ValueError for an unknown interval or a count under one.
    """
    if plan.interval not in MONTHS_PER or plan.interval_count < 1:
        raise ValueError(
            f"subscription {plan.id}: {plan.interval_count} x {plan.interval!r} is no interval; "
            f"use a whole number of {', '.join(MONTHS_PER)}"
        )
    if plan.status not in PAYING or plan.is_metered:
        return ZERO
    per_charge = (plan.amount - plan.tax) * plan.quantity
    if plan.is_forever:
        per_charge = max(ZERO, per_charge * (1 - plan.discount) - plan.discount_amount)
    return per_charge * MONTHS_PER[plan.interval] / plan.interval_count


def mrr_by_plan(plans: Iterable[Plan], *, rates: Rates, base: str) -> dict[Id, Decimal | None]:
    """Return each subscription's MRR in `base`; None where its rate is missing."""
    amounts: dict[Id, Decimal | None] = {}
    for plan in plans:
        own, rate = monthly_amount(plan), rate_of(plan.currency, rates, base)
        amounts[plan.id] = ZERO if not own else None if rate is None else own * rate
    return amounts


@dataclass(frozen=True, slots=True)
class Recurring:
    """MRR of some customers by currency, and how many of them pay; parts of all add up."""

    own: Mapping[str, Decimal] = field(default_factory=dict)
    paying: int = 0

    def __add__(self, other: Recurring) -> Recurring:
        own = dict(self.own)
        for currency, amount in other.own.items():
            own[currency] = own.get(currency, ZERO) + amount
        return Recurring(own, self.paying + other.paying)


def recurring(levels: Iterable[tuple[Id, str, Decimal]]) -> Recurring:
    """Add up (customer, currency, monthly amount) of some customers, each with all of theirs."""
    own: dict[str, Decimal] = {}
    by_customer: dict[Id, Decimal] = {}
    for customer, currency, amount in levels:
        if amount:
            own[currency] = own.get(currency, ZERO) + amount
            by_customer[customer] = by_customer.get(customer, ZERO) + amount
    return Recurring(own, sum(amount > 0 for amount in by_customer.values()))


def mrr(plans: Sequence[Plan], *, rates: Rates, base: str) -> Result:
    """Return total MRR in `base`; `parts` holds ARR, paying customers, ARPA, by currency.

    A missing exchange rate makes the whole total null, never a sum in mixed
    currencies. No subscription is a true 0; ARPA is then None.
    """
    levels = ((plan.customer, plan.currency, monthly_amount(plan)) for plan in plans)
    return mrr_of(recurring(levels), rates=rates, base=base)


def mrr_of(found: Recurring, *, rates: Rates, base: str) -> Result:
    """Return the MRR of subscriptions already added up by `recurring`."""
    own, paying = dict(found.own), found.paying
    if missing := missing_rates(own, rates, base):
        return null(
            "money",
            "currency_rate_missing",
            n=paying,
            convention=CONVENTION,
            parts={"missing_rates": missing, "by_currency": own, "paying": paying},
        )
    total = sum((amount * (rate_of(c, rates, base) or ZERO) for c, amount in own.items()), ZERO)
    return Result(
        value=total,
        unit="money",
        n=paying,
        convention=CONVENTION,
        currency=base,
        parts={
            "arr": 12 * total,
            "paying": paying,
            "arpa": total / paying if paying else None,
            "by_currency": own,
        },
    )


def usage_mrr(last_months: Sequence[Decimal]) -> Decimal | None:
    """Return metered revenue as its own line: the mean of the last three full months."""
    recent = last_months[-3:]
    return sum(recent, ZERO) / len(recent) if recent else None
