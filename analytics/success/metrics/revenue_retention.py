"""Net and gross revenue retention of the customers who paid at the start.

New and returning customers are in neither part. GRR takes the minimum per
customer, so one account's growth never hides another's shrinking.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from analytics.statistics.result import Interval, Result, null
from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.money import ZERO, fraction

NET = "MRR at the end of the customers who paid at the start, over their MRR then"
GROSS = "the same with each customer counted at most at the opening amount"
SMALL_BASE = 20
_DRAWS = 1000
_SEED = 20_250_102


def net_retention(rows: Sequence[CustomerMrr]) -> Result:
    """Return NRR as a fraction (above 1 when expansion outweighs losses).

    `parts` adds the figure with reactivated customers, and for under twenty
    customers the largest one's share of the opening MRR.
    """
    base = [row for row in rows if row.start > 0]
    returned = sum((r.end for r in rows if not r.start and r.has_paid_before), ZERO)
    kept = sum((row.end for row in base), ZERO)
    result = _over_start(kept, base, convention=NET)
    if result.value is not None:
        result.parts["with_reactivation"] = fraction(kept + returned, _start(base))
    return result


def gross_retention(rows: Sequence[CustomerMrr]) -> Result:
    """Return GRR as a fraction 0..1, never above NRR."""
    base = [row for row in rows if row.start > 0]
    kept = sum((min(row.start, row.end) for row in base), ZERO)
    return _over_start(kept, base, convention=GROSS)


def _start(base: Sequence[CustomerMrr]) -> Decimal:
    return sum((row.start for row in base), ZERO)


def _over_start(kept: Decimal, base: Sequence[CustomerMrr], *, convention: str) -> Result:
    start = _start(base)
    if not start:
        return null("fraction", "no_population", convention=convention)
    largest = max(row.start for row in base)
    return Result(
        value=float(kept / start),
        unit="fraction",
        n=len(base),
        numerator=kept,
        denominator=start,
        convention=convention,
        parts={"largest_share": float(largest / start)} if len(base) < SMALL_BASE else {},
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
