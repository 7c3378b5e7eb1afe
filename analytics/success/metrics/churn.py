"""Customer churn: the closed cohort, and the conventions other tools use.

S = customers active at the start, E = active at the end; churn = |S minus E| / |S|.
Events are counted in (start, end], so a term ending at midnight on the 1st is
lost by exactly one month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from analytics.statistics.result import Result, null
from analytics.statistics.shares import share
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.facts import Id, PaidSpell
from analytics.success.metrics.periods import Period

CONVENTION = "closed cohort: active at the start and not at the end, of those active at the start"


class Run(NamedTuple):
    """A customer's unbroken time of paying, over all subscriptions.

    A tuple, because a workspace has hundreds of thousands of them.
    """

    start: datetime
    stop: datetime | None
    cause: str

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.stop is None or at < self.stop)


def paid_runs(spells: Iterable[PaidSpell]) -> dict[Id, list[Run]]:
    """Join each customer's touching and overlapping spells, oldest first."""
    by_customer: dict[Id, list[PaidSpell]] = {}
    for spell in spells:
        if spell.stop is None or spell.start < spell.stop:
            by_customer.setdefault(spell.customer, []).append(spell)
    return {customer: _joined(listed) for customer, listed in by_customer.items()}


_BY_START = attrgetter("start")


def _joined(spells: list[PaidSpell]) -> list[Run]:
    runs: list[Run] = []
    for spell in sorted(spells, key=_BY_START):
        last = runs[-1] if runs else None
        if last is None or (last.stop is not None and last.stop < spell.start):
            runs.append(Run(spell.start, spell.stop, spell.cause))
        elif last.stop is not None and (spell.stop is None or spell.stop > last.stop):
            runs[-1] = Run(last.start, spell.stop, spell.cause)
    return runs


@dataclass(frozen=True, slots=True)
class Membership:
    """Who was where in one period.

    `new` paid for the first time in (start, stop], whether or not they stayed;
    `reactivated` had paid before, not at the start, and paid again. `events`
    are the (customer, instant, cause) at which paying fell to nothing.
    """

    at_start: frozenset[Id]
    at_end: frozenset[Id]
    new: frozenset[Id]
    reactivated: frozenset[Id]
    events: tuple[tuple[Id, datetime, str], ...]

    @property
    def retained(self) -> frozenset[Id]:
        return self.at_start & self.at_end

    @property
    def churned(self) -> frozenset[Id]:
        return self.at_start - self.at_end


def membership(spells: Iterable[PaidSpell], period: Period) -> Membership:
    """Sort every customer into the groups of one period."""
    at_start: set[Id] = set()
    at_end: set[Id] = set()
    new: set[Id] = set()
    reactivated: set[Id] = set()
    events = []
    for customer, runs in paid_runs(spells).items():
        began = any(period.start < run.start <= period.stop for run in runs)
        if any(run.holds(period.start) for run in runs):
            at_start.add(customer)
        elif began:
            (new if runs[0].start > period.start else reactivated).add(customer)
        if any(run.holds(period.stop) for run in runs):
            at_end.add(customer)
        events += [
            (customer, run.stop, run.cause)
            for run in runs
            if run.stop is not None and period.start < run.stop <= period.stop
        ]
    events.sort(key=lambda event: (event[1], str(event[0])))
    return Membership(
        at_start=frozenset(at_start),
        at_end=frozenset(at_end),
        new=frozenset(new),
        reactivated=frozenset(reactivated),
        events=tuple(events),
    )


@dataclass(frozen=True, slots=True)
class Standing(Summed):
    """Membership of a period in numbers, which add up over customers.

    `active` paid at any time of it; `causes` says why who churned did.
    """

    at_start: int = 0
    retained: int = 0
    at_end: int = 0
    new: int = 0
    reactivated: int = 0
    active: int = 0
    events: int = 0
    causes: Counter[str] = field(default_factory=Counter)

    @property
    def churned(self) -> int:
        return self.at_start - self.retained


def standing(spells: Iterable[PaidSpell], period: Period) -> Standing:
    """Count the customers of these spells in each group of one period."""
    listed = list(spells)
    found, active = membership(listed, period), active_in(listed, period)
    churned = found.churned
    causes = {event[0]: event[2] for event in found.events if event[0] in churned}
    return Standing(
        at_start=len(found.at_start),
        retained=len(found.retained),
        at_end=len(found.at_end),
        new=len(found.new),
        reactivated=len(found.reactivated),
        active=len(active),
        events=len(found.events),
        causes=Counter(cause or "unknown" for cause in causes.values()),
    )


def active_in(spells: Iterable[PaidSpell], period: Period) -> frozenset[Id]:
    """Return who paid at any time of [start, stop)."""
    return frozenset(
        spell.customer
        for spell in spells
        if spell.start < period.stop
        and (spell.stop is None or spell.stop > max(period.start, spell.start))
    )


def churn(
    spells: Iterable[PaidSpell],
    period: Period,
    *,
    as_of: datetime | None = None,
    level: float = 0.95,
) -> Result:
    """Return the churn rate of the closed cohort with its Wilson interval.

    No customer at the start is null "no_population", with the counts in
    `parts`. A period that `as_of` has not reached the end of is provisional.
    """
    return churn_of(standing(spells, period), is_open=_is_open(period, as_of), level=level)


def retention(
    spells: Iterable[PaidSpell],
    period: Period,
    *,
    as_of: datetime | None = None,
    level: float = 0.95,
) -> Result:
    """Return the share of the opening customers still active at the end: 1 - churn."""
    found = standing(spells, period)
    return retention_of(found, is_open=_is_open(period, as_of), level=level)


def retention_of(found: Standing, *, is_open: bool = False, level: float = 0.95) -> Result:
    """Return the retention of customers already counted by `standing`."""
    result = share(
        found.retained,
        found.at_start,
        level=level,
        convention="closed cohort: active at both ends, of those active at the start",
        reason="no_population",
    )
    return _provisional(replace(result, parts=_parts(found)), is_open)


def churn_of(found: Standing, *, is_open: bool = False, level: float = 0.95) -> Result:
    """Return the churn rate of customers already counted by `standing`."""
    result = share(
        found.churned,
        found.at_start,
        level=level,
        convention=CONVENTION,
        reason="no_population",
    )
    return _provisional(replace(result, parts=_parts(found)), is_open)


def _is_open(period: Period, as_of: datetime | None) -> bool:
    return as_of is not None and as_of < period.stop


def _provisional(result: Result, is_open: bool) -> Result:
    return replace(result, status="provisional") if is_open and result.value is not None else result


def _parts(found: Standing) -> dict[str, object]:
    return {
        "start": found.at_start,
        "retained": found.retained,
        "churned": found.churned,
        "new": found.new,
        "end": found.at_end,
        "reactivated": found.reactivated,
        "churn_events": found.events,
        "events_over_start_plus_new": quotient(found.events, found.at_start + found.new),
        "by_cause": dict(found.causes),
    }


def quotient(numerator: float, denominator: float) -> float | None:
    """Return a plain ratio, None over nothing."""
    return numerator / denominator if denominator else None


@dataclass(frozen=True, slots=True)
class ChurnConventions:
    """The same leavers over four bases; None where the base is empty."""

    closed_cohort: float | None
    all_over_start: float | None
    all_over_start_plus_new: float | None
    all_over_average: float | None


def churn_conventions(
    *, start: int, lost_from_start: int, new: int, lost_from_new: int
) -> ChurnConventions:
    """Show from counts how far the usual definitions of churn lie apart (fractions)."""
    lost = lost_from_start + lost_from_new
    average = (2 * start + new - lost) / 2
    return ChurnConventions(
        closed_cohort=quotient(lost_from_start, start),
        all_over_start=quotient(lost, start),
        all_over_start_plus_new=quotient(lost, start + new),
        all_over_average=quotient(lost, average),
    )


def annual_churn(monthly: float) -> float:
    """Return what a monthly rate does in a year: 1 - (1 - m)^12, never 12 m."""
    if not 0 <= monthly <= 1:
        raise ValueError(f"{monthly!r} is not a rate between 0 and 1")
    return 1 - (1 - monthly) ** 12


def ratio(numerator: float | None, denominator: float | None) -> Result:
    """Return a plain ratio of two totals, for rates that are no share of a count."""
    if numerator is None or not denominator:
        return null("fraction", "no_population")
    return Result(
        value=numerator / denominator,
        unit="fraction",
        n=int(denominator),
        numerator=numerator,
        denominator=denominator,
    )
