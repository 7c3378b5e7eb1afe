"""Reading where people struggle: rage clicks and errors, and who of the active met them."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from analytics.success import models
from analytics.success.metrics.friction import Came, Struggle
from analytics.success.usage_facts import UsageFacts, by_outsiders

IS_FRICTION = ~Q(kind="")


class FrictionFacts(UsageFacts):
    @property
    def _friction(self) -> QuerySet[models.UsageEvent]:
        return by_outsiders(self.of_customers(models.UsageEvent)).filter(IS_FRICTION)

    @property
    def watched_since(self) -> date | None:
        """Return the first day with any rage click or error; before it nobody was watching."""
        rows = by_outsiders(self.of_everybody(models.UsageEvent)).filter(IS_FRICTION)
        days = rows.order_by("day").values_list("day", flat=True)
        return self.in_general(("watched since",), days.first)

    def struggles(self, first: date, after: date) -> list[Struggle]:
        """Return what each person met on [first, after), counted by place and name."""

        def read() -> list[Struggle]:
            if self._held_struggles is not None:
                return _counted(r for r in self._held_struggles if first <= r[0] < after)
            rows = self._friction.filter(day__gte=first, day__lt=after)
            return [Struggle(*row) for row in _grouped(rows).iterator(chunk_size=self.chunk)]

        return self.once(("struggles", first, after), read)

    @cached_property
    def _held_struggles(self) -> list[tuple[Any, ...]] | None:
        """Return every (day, user, kind, name, feature, page, times), None if use is not held."""
        return None if self._is_long else list(_grouped(self._friction, "day"))

    def came(self, first: date, after: date) -> Came:
        """Return the active users of [first, after) with those among them who struggled then."""

        def read() -> Came:
            return Came(self.users_between(first, after), self._struggled(first, after))

        return self.once(("came", first, after), read)

    def _struggled(self, first: date, after: date) -> set[str]:
        if self._held is not None:
            active = {user for user, _day, _who in self._between_days(first, after)}
            return active & {struggle.user for struggle in self.struggles(first, after)}
        own = self._friction.filter(day__gte=first, day__lt=after).values("user")
        rows = self._core_of(first, after).filter(user__in=own)
        return set(rows.values_list("user", flat=True).distinct())


def _grouped(
    rows: QuerySet[models.UsageEvent], *first: str
) -> QuerySet[models.UsageEvent, tuple[Any, ...]]:
    columns = (*first, "user", "kind", "name", "feature", "page")
    return rows.order_by().values_list(*columns).annotate(times=Count("pk"))


def _counted(rows: Any) -> list[Struggle]:
    times: dict[tuple[str, ...], int] = {}
    for _day, *key, n in rows:
        times[tuple(key)] = times.get(tuple(key), 0) + n
    return [
        Struggle(user, kind, name, feature, page, n)
        for (user, kind, name, feature, page), n in times.items()
    ]
