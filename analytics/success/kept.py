"""Figures of a large workspace, computed ahead: read here, with their age.

Which metrics are kept is decided by `keeping`; where nothing is kept, every
figure is computed on the spot. A kept figure is what the same function
returned, so a page, the API and a target agree to the last digit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from analytics.periods import Period
from analytics.statistics.result import Result, null
from analytics.success.catalogue import (
    METRICS,
    Definition,
    facts_for,
    measure,
    months_to,
    series,
)
from analytics.success.freezing import thaw, thaw_result
from analytics.success.models import KeptFigure
from analytics.success.queries import Facts
from analytics.success.told import told_since, told_so_far

_SHAPE = ",".join(field.name for field in fields(Result))


@dataclass(frozen=True, slots=True)
class Age:
    """Since when a figure stands, and how many rows that may change it came in afterwards."""

    computed_at: datetime
    since: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric over months, the period asked for last. `age` None: computed just now.

    `drawn` is language -> chart and rows behind, None where they are not kept.
    """

    months: list[tuple[Period, Result]]
    age: Age | None = None
    is_kept: bool = False
    drawn: Mapping[str, Any] | None = None

    @property
    def result(self) -> Result:
        return self.months[-1][1]

    @property
    def is_whole(self) -> bool:
        """Return whether nothing of the page waits to be computed."""
        return not self.is_kept or (self.age is not None and self.drawn is not None)


def rules_of(found: Definition, facts: Facts) -> str:
    """Return what a figure depends on besides facts, as one word."""
    text = "\n".join([found.slug, str(found.version), _SHAPE, *facts.basis])
    return hashlib.sha256(text.encode()).hexdigest()


def kept_metrics() -> set[str]:
    """Return the metrics that are computed ahead."""
    rows = KeptFigure.objects.filter(segment="").order_by().values_list("metric", flat=True)
    return set(rows.distinct())


def measured(
    asked: Sequence[Definition], facts: Facts, period: Period, months: int
) -> dict[str, Measured]:
    """Return each metric over the months that lead to a period, and the period itself last.

    `facts` must reach back that far; they are read for what is not kept.
    """
    spans = spans_of(period, months)
    kept = kept_metrics() & {found.slug for found in asked}
    rows = _rows([found for found in asked if found.slug in kept], facts, spans)
    told = told_so_far() if rows else {}
    return {
        found.slug: _kept(found, facts, spans, rows, told)
        if found.slug in kept
        else Measured(series(found, facts, spans))
        for found in asked
    }


def spans_of(period: Period, months: int) -> list[Period]:
    """Return the months that lead to a period, and the period itself last."""
    return [*months_to(period, months)[:-1], period]


Key = tuple[str, date, date]


def _rows(
    asked: Iterable[Definition], facts: Facts, spans: Collection[Period]
) -> dict[Key, KeptFigure]:
    """Return what is kept of these metrics and days, by the rules in force."""
    rules = {found.slug: rules_of(found, facts) for found in asked}
    if not rules:
        return {}
    rows = KeptFigure.objects.filter(
        segment=facts.segment,
        metric__in=rules,
        first_date__in={span.start for span in spans},
        after_date__in={span.stop for span in spans},
    )
    return {
        (row.metric, row.first_date, row.after_date): row
        for row in rows
        if row.rules == rules[row.metric]
    }


def _kept(
    found: Definition,
    facts: Facts,
    spans: Sequence[Period],
    rows: Mapping[Key, KeptFigure],
    told: Mapping[str, int],
) -> Measured:
    listed = [rows.get((found.slug, span.start, span.stop)) for span in spans]
    last = listed[-1]
    return Measured(
        [
            (span, thaw_result(row.result) if row else _missing(found, facts, span))
            for span, row in zip(spans, listed, strict=True)
        ],
        age=age_of(found, last, told) if last else None,
        is_kept=True,
        drawn=thaw(last.drawn) if last else None,
    )


def _missing(found: Definition, facts: Facts, span: Period) -> Result:
    absent = null(found.unit, "not_computed_yet")
    return absent.for_period(str(span), zone=facts.zone)


def age_of(found: Definition, row: KeptFigure, told: Mapping[str, int]) -> Age:
    return Age(row.computed_at, told_since(thaw(row.told), told, found.reads))


# ---- Without a page ------------------------------------------------------------------


def value_of(
    slug: str, period: Period, *, segment: str = "", as_of: datetime | None = None
) -> Result:
    """Return one value. LookupError for an unknown segment."""
    facts = facts_for(period, segment=segment, as_of=as_of)
    return values_of(METRICS[slug], facts, [period], as_of=as_of)[0][0]


def values_of(
    found: Definition, facts: Facts, spans: Sequence[Period], *, as_of: datetime | None = None
) -> list[tuple[Result, Age | None]]:
    """Return a metric of each span: kept, or computed where it is not or `as_of` is asked for."""
    rows = {} if as_of else _rows([found], facts, spans)
    told = told_so_far() if rows else {}
    values: list[tuple[Result, Age | None]] = []
    for span in spans:
        if row := rows.get((found.slug, span.start, span.stop)):
            values.append((thaw_result(row.result), age_of(found, row, told)))
        else:
            values.append((measure(found, facts, span), None))
            if rows:
                facts.let_go()
    return values
