"""How MRR moved: five movements that add up to the cent, and currency apart.

ChartMogul's split: new, expansion, contraction, churn, reactivation. Amounts
are in the accounts' own currency converted at one rate (`currency_effect`
holds the rest), so an exchange rate never looks like an upgrade.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from analytics.statistics.result import Result, null
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.money import ZERO, fraction

Kind = Literal["new", "reactivation", "expansion", "contraction", "churn"]
KINDS: tuple[Kind, ...] = ("new", "reactivation", "expansion", "contraction", "churn")


class Movement(NamedTuple):
    """One step of one customer's MRR; `amount` is signed."""

    kind: Kind
    amount: Decimal


def movement(start: Decimal, end: Decimal, *, has_paid_before: bool) -> Movement | None:
    """Name the step from one level to another; None if nothing moved."""
    step = end - start
    if not step:
        return None
    if not start:
        return Movement("reactivation" if has_paid_before else "new", step)
    if not end:
        return Movement("churn", step)
    return Movement("expansion" if step > 0 else "contraction", step)


def movements(levels: Iterable[Decimal], *, has_paid_before: bool = False) -> list[Movement]:
    """Name each step of one customer's MRR; the first starts from 0."""
    steps, current = [], ZERO
    for level in levels:
        if step := movement(current, level, has_paid_before=has_paid_before):
            steps.append(step)
        has_paid_before = has_paid_before or level > 0
        current = level
    return steps


@dataclass(frozen=True, slots=True)
class Bridge(Summed):
    """From `start` to `end`; contraction and churn are positive amounts that subtract.

    `end - start = new + reactivation + expansion - contraction - churn`
    exactly. The gross figures count every single step of customers who paid
    throughout that step, even if it was undone within the period.
    """

    start: Decimal
    end: Decimal
    new: Decimal
    reactivation: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    expansion_gross: Decimal
    contraction_gross: Decimal

    @property
    def net(self) -> Decimal:
        return self.end - self.start

    @property
    def lost(self) -> Decimal:
        return self.contraction + self.churn

    @property
    def quick_ratio(self) -> float | None:
        """Return gains over losses; None when nothing was lost."""
        return fraction(self.new + self.reactivation + self.expansion, self.lost)


def bridge(rows: Iterable[CustomerMrr]) -> Bridge:
    """Add up the movements of all customers between the ends of a period."""
    sums: dict[str, Decimal] = dict.fromkeys((*KINDS, "up", "down", "start", "end"), ZERO)
    for row in rows:
        sums["start"] += row.start
        sums["end"] += row.end
        if step := movement(row.start, row.end, has_paid_before=row.has_paid_before):
            sums[step.kind] += abs(step.amount)
        for change in _single_steps(row):
            if change.kind in ("expansion", "contraction"):
                sums["up" if change.amount > 0 else "down"] += abs(change.amount)
    return Bridge(expansion_gross=sums.pop("up"), contraction_gross=sums.pop("down"), **sums)


def _single_steps(row: CustomerMrr) -> list[Movement]:
    """Walk a customer's changes; without them the net step is all we know."""
    changes = row.changes or (row.end - row.start,)
    if row.start + sum(changes, ZERO) != row.end:
        raise ValueError(
            f"customer {row.customer}: changes do not lead from {row.start} to {row.end}"
        )
    level, steps = row.start, []
    has_paid = row.has_paid_before or row.start > 0
    for change in changes:
        if step := movement(level, level + change, has_paid_before=has_paid):
            steps.append(step)
        level += change
        has_paid = has_paid or level > 0
    return steps


def expansion_rate(start: Decimal, expansion: Decimal) -> Result:
    """Return expansion over opening MRR as a fraction; null without opening MRR."""
    if not start:
        return null("fraction", "no_population", convention="expansion MRR over opening MRR")
    return Result(
        value=float(expansion / start),
        unit="fraction",
        n=0,
        numerator=expansion,
        denominator=start,
        convention="expansion MRR over opening MRR",
    )


@dataclass(frozen=True, slots=True)
class CurrencyEffect:
    """MRR of one account currency in the base currency, with the rate's part apart.

    `end - start` = movement at the opening rate + `impact`.
    """

    start: Decimal
    end: Decimal
    movement: Decimal
    impact: Decimal
    reported: float | None
    constant: float | None


def currency_effect(
    start: Decimal, end: Decimal, *, rate_start: Decimal, rate_end: Decimal
) -> CurrencyEffect:
    """Separate what customers did from what the exchange rate did.

    `start` and `end` are in the account currency; `reported` and `constant`
    are end over start with and without the change of rate.
    """
    return CurrencyEffect(
        start=start * rate_start,
        end=end * rate_end,
        movement=(end - start) * rate_start,
        impact=end * (rate_end - rate_start),
        reported=fraction(end * rate_end, start * rate_start),
        constant=fraction(end, start),
    )


def top_movers(rows: Sequence[CustomerMrr], *, count: int = 10) -> list[CustomerMrr]:
    """Return the customers whose MRR moved most, largest first."""
    return sorted(rows, key=lambda row: (-abs(row.end - row.start), str(row.customer)))[:count]
