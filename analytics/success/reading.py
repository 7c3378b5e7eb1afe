"""What every reading of facts shares: which days, as known when, and whose rows count.

Many rows are read in parts, some customers at a time, and what each part comes
to is added up: memory follows a part, not the size of the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from functools import cached_property
from itertools import groupby, islice
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import periods
from outbox.days import local_date
from surveys.models import Customer, Segment
from surveys.segments import segment_q

Made = TypeVar("Made")
Row = TypeVar("Row")
MOST_HELD = 20_000
"""Rows of a kind of facts that are held together; of more only so many at a time."""
_LAST = 2**63 - 1
_SAME = ("since", "after", "as_of", "only", "spans", "zone", "segment", "conventions", "basis",
         "_customers", "_everybody", "_general")  # fmt: skip


class Reading:
    """Rows of the days [since, after) and the history they need, as known at `as_of`."""

    chunk = 5000  # rows fetched at a time

    def __init__(
        self,
        *,
        since: date,
        after: date,
        as_of: datetime,
        segment: str = "",
        only: Collection[int] | None = None,
        spans: Collection[Period] = (),
    ) -> None:
        """LookupError when there is no segment of that name. `only` reads these customers alone.

        `spans` are the periods that will be asked for, as far as that is known.
        `basis` is what figures depend on besides facts: zone, conventions, conditions.
        """
        self.since, self.after, self.as_of = since, after, as_of
        self.only = None if only is None else sorted(only)
        self.spans = tuple(spans)
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
        self._between: tuple[int, int] | None = None
        self._noted: dict[tuple[Any, ...], Any] = {}
        self._general: dict[tuple[Any, ...], Any] = {}

    # ---- Whose rows are read together ------------------------------------------------

    def parts(self, model: type[Any], *, weight: int = 1) -> Iterator[Self]:
        """Yield readings of some customers each, together of all who have rows of a model.

        It is one, this reading itself, where the rows are few enough to be held.
        `weight` is how many rows of others one of these brings with it.
        """
        if self.holds(model):
            yield self
            return
        for between in self._ranges(model, MOST_HELD // weight):
            yield self._part(between)

    def holds(self, model: type[Any]) -> bool:
        """Return whether what is read here of a model is small enough to hold."""
        if self.only is not None or self._between is not None:
            return True
        rows = model._default_manager.order_by("pk").values("pk")[MOST_HELD : MOST_HELD + 1]
        return not self.in_general(("many", model), rows.exists)

    def _ranges(self, model: type[Any], most: int) -> list[tuple[int, int]]:
        """Return ranges of primary keys of customers that have up to `most` rows together."""
        return self.in_general(("ranges", model, most), lambda: list(self._cut(model, most)))

    def _cut(self, model: type[Any], most: int) -> Iterator[tuple[int, int]]:
        rows = self.of_customers(model).exclude(customer=None).order_by("customer_id")
        counted = rows.values_list("customer_id").annotate(n=Count("pk"))
        first, held = 0, 0
        for customer, n in counted.iterator(chunk_size=self.chunk):
            if held and held + n > most:
                yield first, customer - 1
                first, held = customer, 0
            held += n
        yield first, _LAST  # who comes in between is not missed

    def _part(self, between: tuple[int, int]) -> Self:
        found = object.__new__(type(self))
        found.__dict__.update({name: getattr(self, name) for name in _SAME})
        found._between, found._noted = between, {}
        return found

    # ---- What was read ---------------------------------------------------------------

    def once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Return what `make` returns, made once for a key until it is let go."""
        if key not in self._noted:
            self._noted[key] = make()
        made: Made = self._noted[key]
        return made

    def in_general(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Return what `make` returns, made once for this reading and all parts of it."""
        if key not in self._general:
            self._general[key] = make()
        made: Made = self._general[key]
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
        if self._between is not None:
            return self._of_part(model, *self._between)
        rows = self.of_everybody(model)
        return rows if self.only is None else rows.filter(customer__any_of=self.only)

    def _of_part(self, model: type[Any], first: int, last: int) -> QuerySet[Any]:
        # the range on both sides: a database does not carry it over from one to the other
        customers = self._customers.filter(pk__gte=first, pk__lte=last)
        return model._default_manager.filter(
            customer__gte=first, customer__lte=last, customer__in=customers
        )

    def of_everybody(self, model: type[Any]) -> QuerySet[Any]:
        """Return the same rows of all customers, also where only some are read."""
        rows = model._default_manager.all()
        if self.segment:
            return rows.filter(customer__in=self._everybody)
        return rows.filter(Q(customer__isnull=True) | Q(customer__is_internal=False))

    @cached_property
    def customers(self) -> dict[int, tuple[str, str]]:
        """Return primary key -> (external id, name), of all of them: for some accounts only."""
        rows = self._customers.values_list("pk", "external_id", "name")
        return {key: (external, name) for key, external, name in rows}


def _together() -> int:
    """Return how many rows that come one after the other are taken at a time.

    Fewer than of a part: cutting them costs no statement.
    """
    return max(1, MOST_HELD // 8)


def whole_groups(rows: Iterable[Row], key: Callable[[Row], Any]) -> Iterator[list[Row]]:
    """Yield rows, which come ordered by key, some at a time; those of one key stay together."""
    held: list[Row] = []
    for _key, group in groupby(rows, key=key):
        if len(held) >= _together():
            yield held
            held = []
        held.extend(group)
    if held:
        yield held


def some_at_a_time(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows in lists that are small enough to hold."""
    left = iter(rows)
    while held := list(islice(left, _together())):
        yield held


def _told(conventions: models.Conventions) -> list[str]:
    """Return the conventions as texts, for telling figures of other ones apart."""
    chosen = [field for field in conventions._meta.concrete_fields if not field.primary_key]
    return [f"{field.attname}={field.value_from_object(conventions)}" for field in chosen]
