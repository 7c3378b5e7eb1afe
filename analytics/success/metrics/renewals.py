"""Renewal rate: of the terms that came due, how many were renewed.

The headline uses mature terms only (due + grace has passed): lapses take
until the end of grace, so what is decided early looks too good.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Term

GRACE_DAYS = 30
CONVENTION = "renewed by the end of grace, of the mature terms due in the period"


@dataclass(frozen=True, slots=True)
class Decided:
    """One due term: what became of it, and whether its grace is over."""

    term: Term
    outcome: Literal["renewed", "lost", "pending"]
    is_mature: bool


def decide(term: Term, *, as_of: date, grace_days: int = GRACE_DAYS) -> Decided:
    """Judge a term with what was known on the local day `as_of`."""
    limit = term.due + timedelta(days=grace_days)
    is_mature = limit <= as_of
    renewed = term.renewed if term.renewed and term.renewed <= as_of else None
    if renewed and renewed <= limit and not term.is_refunded:
        return Decided(term, "renewed", is_mature)
    is_cancelled = term.cancelled is not None and term.cancelled <= as_of
    is_refunded = renewed is not None and term.is_refunded
    is_lost = is_cancelled or is_refunded or is_mature
    return Decided(term, "lost" if is_lost else "pending", is_mature)


def renewal_rate(
    terms: Iterable[Term],
    *,
    first: date,
    after: date,
    as_of: date,
    grace_days: int = GRACE_DAYS,
    with_monthly: bool = True,
    level: float = 0.95,
) -> Result:
    """Return renewed / mature of the terms due on the local days [first, after).

    Nothing due is null "no_population", nothing mature null
    "immature_cohort"; `parts` then still holds the decided rate and the range
    the final rate must fall into. Revenue is capped at the amount due, so
    that uplift stays expansion; the uncapped figure is beside it.
    """
    due = [
        decide(term, as_of=as_of, grace_days=grace_days)
        for term in terms
        if first <= term.due < after and (with_monthly or not term.is_monthly)
    ]
    mature = [decided for decided in due if decided.is_mature]
    result = share(
        sum(decided.outcome == "renewed" for decided in mature),
        len(mature),
        level=level,
        convention=f"{CONVENTION}, {grace_days} days of grace",
        reason="immature_cohort" if due else "no_population",
    )
    parts = _counts(due) | {"mature": len(mature)} | _revenue(mature)
    return replace(result, parts=parts, pending=len(due) - len(mature))


def _counts(due: list[Decided]) -> dict[str, object]:
    renewed = sum(decided.outcome == "renewed" for decided in due)
    pending = sum(decided.outcome == "pending" for decided in due)
    return {
        "due": len(due),
        "decided": len(due) - pending,
        "renewed": renewed,
        "pending": pending,
        "decided_rate": quotient(renewed, len(due) - pending),
        "range_low": quotient(renewed, len(due)),
        "range_high": quotient(renewed + pending, len(due)),
        "amount_at_risk": sum(
            (d.term.amount_due for d in due if d.outcome == "pending"), Decimal(0)
        ),
    }


def _revenue(mature: list[Decided]) -> dict[str, object]:
    owed = sum((decided.term.amount_due for decided in mature), Decimal(0))
    renewed = [decided.term for decided in mature if decided.outcome == "renewed"]
    paid = [(term.amount_renewed or Decimal(0), term.amount_due) for term in renewed]
    capped = sum((min(amount, limit) for amount, limit in paid), Decimal(0))
    uncapped = sum((amount for amount, _ in paid), Decimal(0))
    return {
        "revenue_renewal_rate": float(capped / owed) if owed else None,
        "revenue_renewal_rate_uncapped": float(uncapped / owed) if owed else None,
    }
