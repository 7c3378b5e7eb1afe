"""What every reading of facts shares: which days, as known when, and whose rows count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import periods
from outbox.days import local_date
from surveys.models import Customer, Segment
from surveys.segments import segment_q

T = TypeVar("T")


class Reading:
    """Rows of the days [since, after) and the history they need, as known at `as_of`."""

    def __init__(self, *, since: date, after: date, as_of: datetime, segment: str = "") -> None:
        """LookupError when there is no segment of that name."""
        self.since, self.after, self.as_of = since, after, as_of
        self.zone = settings.TIME_ZONE
        self.segment = segment
        self.conventions = models.conventions_in_force()
        self._customers = Customer.objects.filter(is_internal=False)
        self._made: dict[tuple[Any, ...], Any] = {}
        if segment:
            found = Segment.objects.prefetch_related("conditions").filter(slug=segment).first()
            if found is None:
                raise LookupError(f"There is no segment '{segment[:60]}'.")
            self._customers = self._customers.filter(segment_q(found.conditions.all()))

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return what `make` reads, read the first time only: for rooms above with own tables."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    # ---- Time --------------------------------------------------------------------

    @property
    def today(self) -> date:
        return local_date(self.as_of)

    def is_open(self, period: Period) -> bool:
        return self.as_of < self.instants(period).stop

    def instants(self, period: Period) -> periods.Period:
        return periods.between(period.start, period.stop, zone=self.zone)

    def known(self, period: Period) -> periods.Period:
        """Return the instants of a period as far as it has come."""
        whole = self.instants(period)
        return periods.Period(whole.start, max(whole.start, min(whole.stop, self.as_of)))

    # ---- Whose facts -------------------------------------------------------------

    def of_customers(self, model: type[Any]) -> QuerySet[Any]:
        """Return rows of customers who count; rows without one count outside segments."""
        rows = model._default_manager.all()
        if self.segment:
            return rows.filter(customer__in=self._customers)
        return rows.filter(Q(customer__isnull=True) | Q(customer__is_internal=False))

    @cached_property
    def customers(self) -> dict[int, tuple[str, str]]:
        """Return primary key -> (external id, name)."""
        rows = self._customers.values_list("pk", "external_id", "name")
        return {key: (external, name) for key, external, name in rows}
