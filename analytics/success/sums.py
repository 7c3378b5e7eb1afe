"""What metrics of money and loyalty need of all customers, added up over parts of them.

Each sum is made once for a period, and is small: however many customers there
are, only the rows of one part are held while it is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from heapq import nsmallest
from operator import add

from analytics.periods import Period
from analytics.success.metrics import trials
from analytics.success.metrics.churn import Standing, standing
from analytics.success.metrics.cohorts import Cohort, cohort_triangle
from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.money import ZERO
from analytics.success.metrics.movements import Bridge, bridge, movement, top_movers
from analytics.success.metrics.recurring import Recurring, recurring
from analytics.success.metrics.revenue_retention import Retained, retained
from analytics.success.models import SubscriptionState, Trial
from analytics.success.queries import Facts, State
from analytics.success.reading import Made
from analytics.success.tables import MOST


def each_period(
    facts: Facts,
    name: str,
    period: Period,
    count: Callable[[Facts, Collection[Period]], dict[Period, Made]],
) -> Made:
    """Return what `count` makes of a period; of the others of these facts, too, as it is at it."""
    made: dict[Period, Made] = facts.in_general((name,), dict)
    if period not in made:
        made.update(count(facts, {period, *facts.spans}))
    return made[period]


def members(facts: Facts, period: Period) -> Standing:
    """Count the customers of a period by where they stood."""

    def make() -> Standing:
        span = facts.known(period)
        parts = facts.parts(SubscriptionState)
        return sum((standing(part.spells(span), span) for part in parts), Standing())

    return facts.once(("members", period.start, period.stop), make)


def level_at(facts: Facts, at: datetime) -> Recurring:
    """Add up the subscriptions paid for at an instant."""

    def make() -> Recurring:
        parts = facts.parts(SubscriptionState)
        return sum((recurring(part.levels_at(at)) for part in parts), Recurring())

    return facts.once(("level", at), make)


def ends_of(facts: Facts, period: Period) -> Retained:
    """Add up what the customers of a period's start pay at its end."""

    def make() -> Retained:
        parts = facts.parts(SubscriptionState)
        return sum((retained(part.revenue_ends(period)) for part in parts), Retained())

    return facts.once(("ends", period.start, period.stop), make)


def cohorts(facts: Facts, bounds: Sequence[datetime]) -> list[Cohort]:
    """Return the cohorts of the spans between bounds."""

    def make() -> list[Cohort]:
        triangles = (
            cohort_triangle(part.spells_of_newcomers(bounds[0], bounds[-1]), bounds)
            for part in facts.parts(SubscriptionState)
        )
        return [reduce(add, same) for same in zip(*triangles, strict=True)]

    return facts.once(("cohorts", *bounds), make)


# ---- Movements -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """How the revenue of a period moved, of `customers`.

    `counts` is movement -> customers; `movers` and `payers` are the largest of
    all who moved or pay at the end.
    """

    bridge: Bridge = field(default_factory=lambda: bridge(()))
    customers: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    movers: Sequence[CustomerMrr] = ()
    payers: Sequence[CustomerMrr] = ()
    paying: int = 0

    @property
    def moving(self) -> int:
        return self.counts.total()

    def __add__(self, other: Moved) -> Moved:
        return Moved(
            self.bridge + other.bridge,
            self.customers + other.customers,
            self.counts + other.counts,
            top_movers([*self.movers, *other.movers], count=MOST),
            _top_payers([*self.payers, *other.payers]),
            self.paying + other.paying,
        )


def moved(facts: Facts, period: Period) -> Moved:
    """Add up how revenue moved, at the rates of the first day. MissingRates without one."""

    def make() -> Moved:
        parts = facts.parts(SubscriptionState)
        return sum((_moved(part.revenue(period)) for part in parts), Moved())

    return facts.once(("moved", period.start, period.stop), make)


def _moved(rows: Sequence[CustomerMrr]) -> Moved:
    steps = (movement(r.start, r.end, has_paid_before=r.has_paid_before) for r in rows)
    counts = Counter[str](step.kind for step in steps if step)
    moving = [row for row in rows if row.start != row.end]
    paying = [row for row in rows if row.end]
    return Moved(
        bridge(rows),
        len(rows),
        counts,
        top_movers(moving, count=MOST),
        _top_payers(paying),
        len(paying),
    )


def _top_payers(rows: Sequence[CustomerMrr]) -> list[CustomerMrr]:
    return nsmallest(MOST, rows, key=lambda row: (-row.end, row.customer))


def ending_at(facts: Facts, period: Period, rates_day: date) -> Decimal:
    """Return the revenue at the end of a period at the rates of another day."""
    if facts.rates_on(rates_day) == facts.rates_on(period.start):
        return moved(facts, period).bridge.end

    def make() -> Decimal:
        parts = facts.parts(SubscriptionState)
        rows = (row for part in parts for row in part.revenue(period, rates_day=rates_day))
        return sum((row.end for row in rows), ZERO)

    return facts.once(("ending", period.start, period.stop, rates_day), make)


def leavers(facts: Facts, period: Period) -> tuple[list[State], int]:
    """Return some subscriptions that ended in a period, by their keys, and how many did."""

    def make() -> tuple[list[State], int]:
        span, first, count = facts.known(period), list[State](), 0
        for part in facts.parts(SubscriptionState):
            ended = [
                state
                for state in part.states_between(span.start, span.stop)
                if state.until and span.start < state.until <= span.stop and state.ending
            ]
            count += len(ended)
            first = nsmallest(MOST, [*first, *ended], key=lambda s: (s.subscription, s.at))
        return first, count

    return facts.once(("leavers", period.start, period.stop), make)


# ---- Trials --------------------------------------------------------------------------


def conversions_in(facts: Facts, period: Period) -> trials.Conversions:
    """Count the trials of a period and what became of them."""
    return each_period(facts, "trials", period, _count_conversions)


def _count_conversions(facts: Facts, spans: Collection[Period]) -> dict[Period, trials.Conversions]:
    found = dict.fromkeys(spans, trials.Conversions())
    for part in facts.parts(Trial):
        eligible = trials.first_trials(part.trials)
        for span in spans:
            found[span] += trials.conversions(
                eligible,
                first=span.start,
                after=span.stop,
                as_of=facts.today,
                window_days=facts.conventions.trial_days,
            )
    return found
