"""Reading subscriptions: who paid what at an instant, and everything that moved between two.

A small workspace's history is read once for all periods. A large one is read
period by period, so that memory follows the customers, not their history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Min, Q

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics.periods import Period as Instants
from analytics.success.metrics.periods import local_midnight
from analytics.success.reading import Reading

MOST_HELD = 50_000
"""States of subscriptions up to which a page holds all of them."""
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
        """Return the whole history, None when it is too long to hold."""
        if self.only is not None:
            return list(self._paying(None, None))
        rows = self.of_customers(models.SubscriptionState)
        is_long = rows.order_by("pk").values("pk")[MOST_HELD : MOST_HELD + 1].exists()
        return None if is_long else list(self._paying(None, None))

    def _paying(self, start: datetime | None, stop: datetime | None) -> Iterator[State]:
        """Read paying states, each with what its subscription came to afterwards."""
        rows = self.of_customers(models.SubscriptionState).order_by("external_id", "at")
        if start is not None and stop is not None:
            rows = rows.filter(Q(until__isnull=True) | Q(until__gt=start))
            rows = rows.filter(Q(monthly__gt=0) | Q(at__gt=start))
            if not self.conventions.is_churn_at_request:  # what is asked for now comes later
                rows = rows.filter(at__lte=stop)
        before: tuple[Any, ...] | None = None
        for row in rows.values_list(*_NAMES).iterator(chunk_size=5000):
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

    @cached_property
    def first_paid(self) -> dict[int, datetime]:
        """Return customer -> the instant they paid for the first time ever."""
        rows = self.of_customers(models.SubscriptionState).filter(monthly__gt=0).order_by()
        return dict(rows.values("customer_id").annotate(first=Min("at")).values_list(
            "customer_id", "first"))  # fmt: skip

    def spells(self, span: Instants) -> list[plain.PaidSpell]:
        """Return the paid spells of a period; a mark stands for what was paid long before."""
        return self._spells(self.states_between(span.start, span.stop))

    def _spells(self, states: Iterable[State]) -> list[plain.PaidSpell]:
        spells, earliest = [], dict[int, datetime]()
        for s in states:
            spells.append(plain.PaidSpell(s.customer, s.at, s.until, s.ending))
            if s.customer not in earliest or s.at < earliest[s.customer]:
                earliest[s.customer] = s.at
        for customer, at in earliest.items():
            first = self.first_paid.get(customer, at)
            if first < at:
                spells.append(plain.PaidSpell(customer, first, first + _TICK))
        return spells

    def spells_of_newcomers(self, start: datetime, stop: datetime) -> list[plain.PaidSpell]:
        """Return the spells of customers who first paid in [start, stop), for cohorts of them."""
        new = {who for who, first in self.first_paid.items() if start <= first < stop}
        found = self._all if self._all is not None else self._paying(start, stop)
        return self._spells(state for state in found if state.customer in new)

    def plans_at(self, at: datetime) -> list[plain.Plan]:
        """Return the paying subscriptions at an instant, already made monthly."""
        return [
            plain.Plan(s.subscription, s.customer, s.monthly, s.currency, "month")
            for s in self.states_between(at, at)
        ]

    def known_spells(self, period: Period) -> list[plain.PaidSpell]:
        """Return the paid spells of a period as far as it has come."""
        return self.spells(self.known(period))


def _ending(status: str, cause: str) -> str:
    """Return why paying ended, by the state that followed."""
    if status in ("active", "past_due"):
        return ""
    if status == "unpaid" or cause.lower() == "payment":
        return "payment"
    return "paused" if status == "paused" else "voluntary"
