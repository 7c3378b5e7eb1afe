"""Who stayed, by the month of the first payment: for the page and the API."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.periods import Period
from analytics.success.metrics.cohorts import Cohort
from analytics.success.metrics.periods import local_midnight
from analytics.success.queries import Facts
from analytics.success.sums import cohorts

CONVENTION = "customers by the month of their first payment, paying k months after its end"


def cohorts_of(facts: Facts, spans: Sequence[Period]) -> list[tuple[Period, Cohort]]:
    """Return the cohort of each span that is over; the spans follow each other."""
    bounds = [local_midnight(span.start, facts.zone) for span in spans]
    bounds.append(local_midnight(spans[-1].stop, facts.zone))
    bounds = [at for at in bounds if at <= facts.as_of]
    if len(bounds) < 2:
        return []
    return list(zip(spans, cohorts(facts, bounds), strict=False))
