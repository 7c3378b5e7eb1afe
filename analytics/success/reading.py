"""What every reading of facts shares: which days, as known when, and whose rows count."""

from __future__ import annotations

from collections.abc import Callable, Collection
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

Made = TypeVar("Made")


class Reading:
    """Rows of the days [since, after) and the history they need, as known at `as_of`."""

    def __init__(
        self,
        *,
        since: date,
        after: date,
        as_of: datetime,
        segment: str = "",
        only: Collection[int] | None = None,
    ) -> None:
        """LookupError when there is no segment of that name. `only` reads these customers alone.

        `basis` is what figures depend on besides facts: zone, conventions, conditions.
        """
        self.since, self.after, self.as_of = since, after, as_of
        self.only = None if only is None else sorted(only)
        self.zone = settings.TIME_ZONE
        self.segment = segment
        self.conventions = models.conventions_in_force()
        self.basis: list[str] = [self.zone, *_told(self.conventions)]
        self._customers = Customer.objects.filter(is_internal=False)
        if segment:
            found = Segment.objects.prefetch_related("conditions").filter(slug=segment).first()
            if found is None:
                raise LookupError(f"There is no segment '{segment[:60]}'.")
            conditions = list(found.conditions.all())
            self.basis += [f"{c.property} {c.operator} {c.value}" for c in conditions]
            self._customers = self._customers.filter(segment_q(conditions))
        self._everybody = self._customers
        if self.only is not None:
            self._customers = self._customers.filter(pk__any_of=self.only)
        self._noted: dict[tuple[Any, ...], Any] = {}

    # ---- What was read ---------------------------------------------------------------

    def once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Return what `make` returns, made once for a key until it is let go."""
        if key not in self._noted:
            self._noted[key] = make()
        made: Made = self._noted[key]
        return made

    def let_go(self) -> None:
        """Forget what was read of single periods, so that memory follows one of them."""
        self._noted.clear()

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
        rows = self.of_everybody(model)
        return rows if self.only is None else rows.filter(customer__any_of=self.only)

    def of_everybody(self, model: type[Any]) -> QuerySet[Any]:
        """Return the same rows of all customers, also where only some are read."""
        rows = model._default_manager.all()
        if self.segment:
            return rows.filter(customer__in=self._everybody)
        return rows.filter(Q(customer__isnull=True) | Q(customer__is_internal=False))

    @cached_property
    def customers(self) -> dict[int, tuple[str, str]]:
        """Return primary key -> (external id, name)."""
        rows = self._customers.values_list("pk", "external_id", "name")
        return {key: (external, name) for key, external, name in rows}


def _told(conventions: models.Conventions) -> list[str]:
    """Return the conventions as texts, for telling figures of other ones apart."""
    chosen = [field for field in conventions._meta.concrete_fields if not field.primary_key]
    return [f"{field.attname}={field.value_from_object(conventions)}" for field in chosen]
