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
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Term
from analytics.success.metrics.money import ZERO, fraction

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


@dataclass(frozen=True, slots=True)
class Renewals(Summed):
    """Terms due in numbers, which add up: all, those decided, those whose grace is over.

    `at_risk` is due of pending terms, `owed` of mature ones; `capped` is what
    was renewed of it, `uncapped` with uplift.
    """

    due: int = 0
    renewed: int = 0
    pending: int = 0
    mature: int = 0
    mature_renewed: int = 0
    at_risk: Decimal = ZERO
    owed: Decimal = ZERO
    capped: Decimal = ZERO
    uncapped: Decimal = ZERO


def renewals(due: Iterable[Decided]) -> Renewals:
    """Add up what became of terms that came due."""
    listed = list(due)
    mature = [decided for decided in listed if decided.is_mature]
    pending = [decided.term for decided in listed if decided.outcome == "pending"]
    renewed = [decided.term for decided in mature if decided.outcome == "renewed"]
    paid = [(term.amount_renewed or ZERO, term.amount_due) for term in renewed]
    return Renewals(
        due=len(listed),
        renewed=sum(decided.outcome == "renewed" for decided in listed),
        pending=len(pending),
        mature=len(mature),
        mature_renewed=len(renewed),
        at_risk=sum((term.amount_due for term in pending), ZERO),
        owed=sum((decided.term.amount_due for decided in mature), ZERO),
        capped=sum((min(amount, limit) for amount, limit in paid), ZERO),
        uncapped=sum((amount for amount, _limit in paid), ZERO),
    )


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
    due = (
        decide(term, as_of=as_of, grace_days=grace_days)
        for term in terms
        if first <= term.due < after and (with_monthly or not term.is_monthly)
    )
    return renewal_of(renewals(due), grace_days=grace_days, level=level)


def renewal_of(found: Renewals, *, grace_days: int = GRACE_DAYS, level: float = 0.95) -> Result:
    """Return the renewal rate of terms already added up by `renewals`."""
    result = share(
        found.mature_renewed,
        found.mature,
        level=level,
        convention=f"{CONVENTION}, {grace_days} days of grace",
        reason="immature_cohort" if found.due else "no_population",
    )
    decided = found.due - found.pending
    parts = {
        "due": found.due,
        "decided": decided,
        "renewed": found.renewed,
        "pending": found.pending,
        "decided_rate": quotient(found.renewed, decided),
        "range_low": quotient(found.renewed, found.due),
        "range_high": quotient(found.renewed + found.pending, found.due),
        "amount_at_risk": found.at_risk,
        "mature": found.mature,
        "revenue_renewal_rate": fraction(found.capped, found.owed),
        "revenue_renewal_rate_uncapped": fraction(found.uncapped, found.owed),
    }
    return replace(result, parts=parts, pending=found.due - found.mature)
