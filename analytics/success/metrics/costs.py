"""What keeping one customer costs, and what winning one costs. Higher is worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.statistics.result import Number, Reason, Result, null
from analytics.success.metrics.facts import Cost, Rates
from analytics.success.metrics.money import ZERO, exact, missing_rates, rate_of
from analytics.success.metrics.periods import days_of, overlap_days

TOTAL = "costs x their retention share, converted, spread by day"
WON = "costs x their acquisition share, converted, spread by day"


def retention_cost(
    costs: Sequence[Cost],
    *,
    rates: Rates,
    base: str,
    period: tuple[date, date] | None = None,
) -> Result:
    """Return the money spent on keeping customers, `parts["by_category"]` beside it.

    No cost row of these days is null "not_configured"; rows of amount 0 are a
    true 0. Costs covering other days count for the days inside `period` only.
    """
    shared = [(cost, cost.retention_share) for cost in costs]
    return _spent(shared, rates=rates, base=base, period=period, convention=TOTAL)


def acquisition_cost(
    costs: Sequence[Cost],
    *,
    rates: Rates,
    base: str,
    period: tuple[date, date] | None = None,
) -> Result:
    """Return the money spent on winning customers, as `retention_cost` does.

    Only rows with a share for it count: without one it is null "not_configured".
    """
    shared = [(cost, cost.acquisition_share) for cost in costs if cost.acquisition_share]
    return _spent(shared, rates=rates, base=base, period=period, convention=WON)


def _spent(
    shared: Sequence[tuple[Cost, Decimal]],
    *,
    rates: Rates,
    base: str,
    period: tuple[date, date] | None,
    convention: str,
) -> Result:
    inside = [(cost, share * part) for cost, share in shared if (part := _portion(cost, period))]
    if not inside:
        return null("money", "not_configured", convention=convention)
    shares = [(cost, cost.amount * share) for cost, share in inside]
    used = [(cost, amount) for cost, amount in shares if amount]
    if missing := missing_rates((cost.currency for cost, _ in used), rates, base):
        parts = {"missing_rates": missing}
        return null("money", "currency_rate_missing", convention=convention, parts=parts)
    by_category: dict[str, Decimal] = {}
    for cost, amount in shares:
        converted = amount * (rate_of(cost.currency, rates, base) or ZERO)
        by_category[cost.category] = by_category.get(cost.category, ZERO) + converted
    return Result(
        value=sum(by_category.values(), ZERO),
        unit="money",
        n=len(inside),
        convention=convention,
        currency=base,
        parts={"by_category": by_category},
    )


def _portion(cost: Cost, period: tuple[date, date] | None) -> Decimal:
    if period is None or cost.first is None or cost.after is None:
        return Decimal(1)
    covered = (cost.first, cost.after)
    return Decimal(overlap_days(covered, period)) / max(1, days_of(*covered))


@dataclass(frozen=True, slots=True)
class CostPerCustomer:
    """Retention cost over three bases; the first is the headline.

    "Existing" (opening) customers flatter neither churn nor growth.
    """

    total: Result
    per_existing: Result
    per_retained: Result
    per_average: Result


def cost_per_customer(
    total: Result, *, opening: Number, retained: Number, average: Number
) -> CostPerCustomer:
    """Divide a total of `retention_cost` by the customers it kept."""
    return CostPerCustomer(
        total=total,
        per_existing=_per(total, opening, "per customer at the start"),
        per_retained=_per(total, retained, "per customer kept"),
        per_average=_per(total, average, "per average customer"),
    )


def cost_per_new(total: Result, *, new: Number) -> Result:
    """Divide a total of `acquisition_cost` by the customers who paid for the first time."""
    return _per(total, new, "per customer who paid for the first time")


def _per(total: Result, customers: Number, convention: str) -> Result:
    reason: Reason = total.reason or "no_population"
    if total.value is None or not customers:
        return null("money", reason, convention=convention)
    return Result(
        value=exact(total.value) / exact(customers),
        unit="money",
        n=int(customers),
        numerator=total.value,
        denominator=customers,
        convention=convention,
        currency=total.currency,
    )


def cost_share_of_revenue(
    per_customer: Result, *, arpa: Number | None, months: int
) -> float | None:
    """Return retention cost over what the customer paid in the same months."""
    if per_customer.value is None or not arpa or not months:
        return None
    return float(exact(per_customer.value) / (exact(arpa) * months))
