"""Retention over time: the cohort triangle and the survival curve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from analytics.statistics.result import Result, null
from analytics.statistics.shares import share
from analytics.success.metrics.churn import paid_runs
from analytics.success.metrics.facts import PaidSpell


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers first paid in [start, stop); `kept[k]` of `size` active k periods after."""

    start: datetime
    stop: datetime
    size: int
    kept: tuple[int, ...]

    def __add__(self, other: Cohort) -> Cohort:
        """Join other customers of the same span to these."""
        kept = tuple(a + b for a, b in zip(self.kept, other.kept, strict=True))
        return Cohort(self.start, self.stop, self.size + other.size, kept)

    def rate(self, k: int) -> Result:
        """Return the share still (or again) active k periods after the cohort closed."""
        if k >= len(self.kept):
            return null("fraction", "not_happened_yet", n=self.size)
        return share(self.kept[k], self.size, reason="no_population")


def cohort_triangle(spells: Iterable[PaidSpell], bounds: Sequence[datetime]) -> list[Cohort]:
    """Return one cohort for each span between `bounds`, oldest first.

    `bounds` are the period borders (local midnights turned into instants);
    k = 0 looks at the end of the cohort's own period.
    """
    runs = paid_runs(spells).values()
    cohorts = []
    for index, (start, stop) in enumerate(pairwise(bounds), start=1):
        members = [listed for listed in runs if start <= listed[0].start < stop]
        kept = (sum(any(run.holds(at) for run in m) for m in members) for at in bounds[index:])
        cohorts.append(Cohort(start, stop, len(members), tuple(kept)))
    return cohorts


@dataclass(frozen=True, slots=True)
class SurvivalStep:
    """From `day` on, `share` of customers are still in their first run of paying."""

    day: int
    share: float
    at_risk: int


def survival_curve(spells: Iterable[PaidSpell], *, as_of: datetime) -> list[SurvivalStep]:
    """Return the Kaplan-Meier curve of first runs, in days since the first payment.

    Customers still paying at `as_of` are censored, not counted as kept forever.
    """
    lives: list[tuple[int, bool]] = []
    for listed in paid_runs(spells).values():
        first = listed[0]
        if first.start < as_of:
            has_ended = first.stop is not None and first.stop <= as_of
            stop = first.stop if first.stop is not None and has_ended else as_of
            lives.append(((stop - first.start).days, has_ended))
    ended = Counter(days for days, has_ended in lives if has_ended)
    left_by = Counter(days for days, _ in lives)
    curve, still, at_risk = [SurvivalStep(0, 1.0, len(lives))] if lives else [], 1.0, len(lives)
    for day in sorted(left_by):
        if lost := ended[day]:
            still *= 1 - lost / at_risk
            curve.append(SurvivalStep(day, still, at_risk))
        at_risk -= left_by[day]
    return curve


def textbook_retention(*, start: int, new: int, end: int) -> float | None:
    """Return (end - new) / start, only to show its flaw: no page offers it.

    When former customers return it exceeds 100 %; `churn.retention` never does.
    """
    return (end - new) / start if start else None
