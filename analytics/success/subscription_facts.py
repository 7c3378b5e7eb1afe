"""Reading subscriptions: who paid what at an instant, and everything that moved between two.

A small workspace's history is read once for all periods. A large one is read
period by period and in parts, so that memory follows neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Min, Q, QuerySet

from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics.periods import Period as Instants
from analytics.success.metrics.periods import local_midnight
from analytics.success.reading import Reading

_TICK = timedelta(microseconds=1)
_NAMES = ("external_id", "customer_id", "at", "until", "monthly", "currency", "status", "cause",
          "cancel_requested_at")  # fmt: skip


class State(NamedTuple):
    """A subscription from `at` until, not including, `until`; `ending` is why it ended."""

    subscription: str
    customer: int
    at: datetime
    until: datetime | None
    monthly: Decimal
    currency: str
    status: str
    ending: str

    def holds(self, at: datetime) -> bool:
        return self.at <= at and (self.until is None or at < self.until)

    def touches(self, start: datetime, stop: datetime) -> bool:
        """Return whether it was there at `start`, at `stop` or at any time between."""
        return self.at <= stop and (self.until is None or self.until > start)


class Level(NamedTuple):
    """What a subscription adds to MRR at an instant, in its own currency."""

    customer: int
    currency: str
    monthly: Decimal


class SubscriptionFacts(Reading):
    @property
    def states(self) -> list[State]:
        """Return every paying state of the days asked for, oldest first in its subscription."""
        start = local_midnight(self.since, self.zone)
        return self.states_between(start, max(start, self.as_of))

    def states_between(self, start: datetime, stop: datetime) -> list[State]:
        """Return the paying states that were there at both instants or at any time between."""

        def read() -> list[State]:
            found = self._all if self._all is not None else self._paying(start, stop)
            return [state for state in found if state.touches(start, stop)]

        return self.once(("states", start, stop), read)

    @cached_property
    def _all(self) -> list[State] | None:
        """Return the whole history, None where it is read period by period."""
        if self._between is None and self.holds(models.SubscriptionState):
            return list(self._paying(None, None))
        return None

    def _paying(self, start: datetime | None, stop: datetime | None) -> Iterator[State]:
        """Read paying states, each with what its subscription came to afterwards."""
        rows = self.of_customers(models.SubscriptionState).order_by()
        if start is not None and stop is not None:
            rows = rows.filter(Q(until__isnull=True) | Q(until__gt=start))
            rows = rows.filter(Q(monthly__gt=0) | Q(at__gt=start))
            if not self.conventions.is_churn_at_request:  # what is asked for now comes later
                rows = rows.filter(at__lte=stop)
        before: tuple[Any, ...] | None = None
        listed = rows.values_list(*_NAMES).iterator(chunk_size=self.chunk)
        # a cursor in order would walk the index of all subscriptions to find those of a part
        for row in sorted(listed, key=itemgetter(0, 2)):
            if before is not None:
                yield from self._state(before, row if row[0] == before[0] else None)
            before = row
        if before is not None:
            yield from self._state(before, None)

    def _state(self, row: tuple[Any, ...], following: tuple[Any, ...] | None) -> Iterator[State]:
        *values, _cause, asked = row
        state = State._make((*values, ""))
        if state.monthly <= 0:
            return
        if following is not None and following[2] == state.until:
            state = state._replace(ending=_ending(following[6], following[7]))
            asked = asked or (following[8] if following[6] == "cancelled" else None)
        if self.conventions.is_churn_at_request and asked is not None:
            until = max(state.at, asked)
            if state.until is None or until < state.until:
                state = state._replace(until=until, ending="voluntary")
        if state.until is None or state.at < state.until:
            yield state

    # ---- As the metrics take them --------------------------------------------------

    def levels_at(self, at: datetime) -> Iterable[Level]:
        """Return customer, currency and monthly amount of each subscription paid for at `at`."""
        if self._all is not None or self.conventions.is_churn_at_request:
            return [Level(s.customer, s.currency, s.monthly) for s in self.states_between(at, at)]
        rows = self._paid.filter(Q(until__isnull=True) | Q(until__gt=at), at__lte=at).order_by()
        listed = rows.values_list("customer_id", "currency", "monthly")
        return (Level._make(row) for row in listed.iterator(chunk_size=self.chunk))

    @property
    def _paid(self) -> QuerySet[models.SubscriptionState]:
        return self.of_customers(models.SubscriptionState).filter(monthly__gt=0)

    def first_paid(self, customers: Collection[int] | None = None) -> dict[int, datetime]:
        """Return customer -> the instant they paid for the first time ever, of some or of all."""
        rows = self._paid.order_by()
        if customers is not None:
            rows = rows.filter(customer__any_of=list(customers))
        return dict(rows.values("customer_id").annotate(first=Min("at")).values_list(
            "customer_id", "first"))  # fmt: skip

    def spells(self, span: Instants) -> list[plain.PaidSpell]:
        """Return the paid spells of a period; a mark stands for what was paid long before."""
        states = self.states_between(span.start, span.stop)
        spells, earliest = _spells(states)
        later = [who for who, at in earliest.items() if at > span.start]
        return spells + _marks(earliest, self._firsts(later))

    def _firsts(self, customers: list[int]) -> Mapping[int, datetime]:
        """Return when some customers paid for the first time, all at once where all are held."""
        return self._first_paid if self._all is not None else self.first_paid(customers)

    @cached_property
    def _first_paid(self) -> dict[int, datetime]:
        return self.first_paid()

    def spells_of_newcomers(self, start: datetime, stop: datetime) -> list[plain.PaidSpell]:
        """Return the spells of customers who first paid in [start, stop), for cohorts of them."""
        firsts = self._first_paid
        new = {who for who, first in firsts.items() if start <= first < stop}
        found = self._all if self._all is not None else self._paying(start, stop)
        spells, earliest = _spells(state for state in found if state.customer in new)
        return spells + _marks(earliest, firsts)


def _spells(states: Iterable[State]) -> tuple[list[plain.PaidSpell], dict[int, datetime]]:
    """Return states as spells, and when the first one of each customer began."""
    spells, earliest = [], dict[int, datetime]()
    for s in states:
        spells.append(plain.PaidSpell(s.customer, s.at, s.until, s.ending))
        if s.customer not in earliest or s.at < earliest[s.customer]:
            earliest[s.customer] = s.at
    return spells, earliest


def _marks(
    earliest: Mapping[int, datetime], firsts: Mapping[int, datetime]
) -> list[plain.PaidSpell]:
    """Return a mark of a moment for each customer who paid before the earliest state read."""
    return [
        plain.PaidSpell(who, firsts[who], firsts[who] + _TICK)
        for who, at in earliest.items()
        if who in firsts and firsts[who] < at
    ]


def _ending(status: str, cause: str) -> str:
    """Return why paying ended, by the state that followed."""
    if status in ("active", "past_due"):
        return ""
    if status == "unpaid" or cause.lower() == "payment":
        return "payment"
    return "paused" if status == "paused" else "voluntary"
