"""Net and gross revenue retention of the customers who paid at the start.

New and returning customers are in neither part. GRR takes the minimum per
customer, so one account's growth never hides another's shrinking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.statistics.result import Interval, Result, null
from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.money import ZERO, fraction

NET = "MRR at the end of the customers who paid at the start, over their MRR then"
GROSS = "the same with each customer counted at most at the opening amount"
SMALL_BASE = 20
MOST_DRAWN = 2000
"""Customers up to which an interval is drawn; of more it is narrow and takes long."""
_DRAWS = 1000
_SEED = 20_250_102


@dataclass(frozen=True, slots=True)
class Retained:
    """What customers who paid at the start pay at the end; parts of all add up.

    `capped` counts each at most at the opening amount, `returned` is what
    former customers pay. `base` are the rows themselves, None for many.
    """

    n: int = 0
    start: Decimal = ZERO
    kept: Decimal = ZERO
    capped: Decimal = ZERO
    returned: Decimal = ZERO
    largest: Decimal = ZERO
    base: tuple[CustomerMrr, ...] | None = ()

    def __add__(self, other: Retained) -> Retained:
        n = self.n + other.n
        both = None
        if n <= MOST_DRAWN and self.base is not None and other.base is not None:
            both = self.base + other.base
        return Retained(
            n,
            self.start + other.start,
            self.kept + other.kept,
            self.capped + other.capped,
            self.returned + other.returned,
            max(self.largest, other.largest),
            both,
        )


def retained(rows: Iterable[CustomerMrr]) -> Retained:
    """Add up what became of the revenue of some customers."""
    listed = list(rows)
    base = tuple(row for row in listed if row.start > 0)
    return Retained(
        n=len(base),
        start=sum((row.start for row in base), ZERO),
        kept=sum((row.end for row in base), ZERO),
        capped=sum((min(row.start, row.end) for row in base), ZERO),
        returned=sum((r.end for r in listed if not r.start and r.has_paid_before), ZERO),
        largest=max((row.start for row in base), default=ZERO),
        base=base if len(base) <= MOST_DRAWN else None,
    )


def net_retention(rows: Iterable[CustomerMrr]) -> Result:
    """Return NRR as a fraction (above 1 when expansion outweighs losses).

    `parts` adds the figure with reactivated customers, and for under twenty
    customers the largest one's share of the opening MRR.
    """
    return net_of(retained(rows))


def gross_retention(rows: Iterable[CustomerMrr]) -> Result:
    """Return GRR as a fraction 0..1, never above NRR."""
    return gross_of(retained(rows))


def revenue_churn(gross: float | None) -> float | None:
    """Return the share (0..1) of the revenue at the start that was lost, of the GRR."""
    return None if gross is None else 1 - gross


def net_of(found: Retained) -> Result:
    """Return the NRR of customers already added up by `retained`."""
    result = _over_start(found, found.kept, convention=NET)
    if result.value is not None:
        result.parts["with_reactivation"] = fraction(found.kept + found.returned, found.start)
    return result


def gross_of(found: Retained) -> Result:
    """Return the GRR of customers already added up by `retained`."""
    return _over_start(found, found.capped, convention=GROSS)


def _over_start(found: Retained, kept: Decimal, *, convention: str) -> Result:
    if not found.start:
        return null("fraction", "no_population", convention=convention)
    is_few = found.n < SMALL_BASE
    return Result(
        value=float(kept / found.start),
        unit="fraction",
        n=found.n,
        numerator=kept,
        denominator=found.start,
        convention=convention,
        parts={"largest_share": float(found.largest / found.start)} if is_few else {},
    )


def retention_interval(
    rows: Sequence[CustomerMrr], *, is_gross: bool = False, level: float = 0.95
) -> Interval | None:
    """Return a percentile bootstrap interval over customers (fixed seed).

    Money is lumpy: a few accounts decide. None below two customers.
    """
    import numpy

    base = [(float(row.start), float(row.end)) for row in rows if row.start > 0]
    if len(base) < 2:
        return None
    start, end = (numpy.array(side) for side in zip(*sorted(base), strict=True))
    kept = numpy.minimum(start, end) if is_gross else end
    dice = numpy.random.default_rng(_SEED)
    drawn = (dice.integers(0, len(base), len(base)) for _ in range(_DRAWS))
    ratios = [kept[index].sum() / start[index].sum() for index in drawn]
    low, high = numpy.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, "percentile bootstrap")


def retention_from_totals(
    *, start: Decimal, expansion: Decimal, contraction: Decimal, churn: Decimal
) -> tuple[Result, Result]:
    """Return (NRR, GRR) where only totals are known; start 0 is null."""
    gross = start - contraction - churn
    return _of_totals(gross + expansion, start, NET), _of_totals(gross, start, GROSS)


def _of_totals(kept: Decimal, start: Decimal, convention: str) -> Result:
    if not start:
        return null("fraction", "no_population", convention=convention)
    return Result(
        value=float(kept / start),
        unit="fraction",
        n=0,
        numerator=kept,
        denominator=start,
        convention=convention,
    )


def annual_from_monthly(rates: Sequence[float]) -> float:
    """Chain monthly retention into a longer span, by product only."""
    product = 1.0
    for rate in rates:
        product *= rate
    return product
