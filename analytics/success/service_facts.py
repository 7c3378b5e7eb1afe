"""Reading what customers do and how they are helped: usage, entitlements, tickets, contacts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q, QuerySet

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics import periods
from analytics.success.metrics.waiting import BusinessHours
from analytics.success.reading import Reading

_BEFORE = timedelta(days=62)
"""How far before the first day happenings are read that may belong to it (threads, returns)."""


class Served(NamedTuple):
    """A ticket with what the waiting times need beside the plain ticket."""

    ticket: plain.Ticket
    replied: datetime | None


class ServiceFacts(Reading):
    # ---- Usage -------------------------------------------------------------------

    @cached_property
    def user_days(self) -> list[tuple[str, date, int | None]]:
        """Return distinct (user, day, customer) of core events since a while before `since`."""
        rows = self._events.filter(
            is_core=True, day__gte=self.since - _BEFORE, day__lt=self.after
        ).order_by()
        return list(rows.values_list("user", "day", "customer_id").distinct())

    @property
    def _events(self) -> QuerySet[models.UsageEvent]:
        return self.of_customers(models.UsageEvent).filter(is_internal=False)

    @cached_property
    def tracked_since(self) -> date | None:
        """Return the first day with any usage event; before it nobody was watching."""
        found: date | None = self._events.aggregate(first=Min("day"))["first"]
        return found

    def instants_by_user(self, period: Period) -> dict[plain.Id, list[datetime]]:
        """Return when each user did anything, for sessions that begin in the period."""
        found: dict[plain.Id, list[datetime]] = {}
        rows = self._events.filter(day__gte=period.start, day__lt=period.stop).order_by()
        for user, at in rows.values_list("user", "at").iterator(chunk_size=5000):
            found.setdefault(user, []).append(at)
        return found

    @cached_property
    def entitlements(self) -> list[models.Entitlement]:
        return list(self.of_customers(models.Entitlement).order_by("first_date"))

    @cached_property
    def first_days(self) -> dict[tuple[str, int | None], date]:
        """Return (user, customer) -> the first day they were seen."""
        rows = self._events.order_by().values("user", "customer_id").annotate(first=Min("day"))
        return {(row["user"], row["customer_id"]): row["first"] for row in rows}

    @cached_property
    def feature_days(self) -> dict[tuple[str, int | None, str], list[date]]:
        """Return (user, customer, feature) -> days of use, a day repeated for each use."""
        rows = self._events.exclude(feature="").order_by()
        counted = rows.values_list("user", "customer_id", "feature", "day").annotate(n=Count("pk"))
        found: dict[tuple[str, int | None, str], list[date]] = {}
        for user, customer, feature, day, n in counted:
            found.setdefault((user, customer, feature), []).extend([day] * n)
        return found

    # ---- Support -----------------------------------------------------------------

    @cached_property
    def served(self) -> list[Served]:
        """Return the tickets that were opened, open or solved from a while before `since`."""
        edge = periods.local_midnight(self.since - _BEFORE, self.zone)
        after = periods.local_midnight(self.after, self.zone)
        rows = self.of_customers(models.Ticket).filter(
            Q(opened_at__gte=edge) | Q(solved_at__gte=edge) | Q(solved_at__isnull=True),
            opened_at__lt=after,
        )
        return [
            Served(
                plain.Ticket(
                    id=row.external_id,
                    customer=row.customer_id or row.requester or row.external_id,
                    issue=row.issue or row.external_id,
                    opened=row.opened_at,
                    solved=row.solved_at,
                    inbound_contacts=row.inbound_contacts,
                    reopened=row.reopened,
                    is_escalated=row.is_escalated,
                    flag=row.flag,
                    channel=row.channel,
                    is_other_department=row.is_other_department,
                ),
                row.first_reply_at,
            )
            for row in rows
        ]

    def legs(self, period: Period) -> list[plain.Leg]:
        """Return the parts of contacts whose work ended in the period."""
        span = self.instants(period)
        names = ("contact", "channel", "talk_seconds", "hold_seconds", "wrap_seconds",
                 "is_abandoned", "concurrency", "is_bot")  # fmt: skip
        rows = self.of_customers(models.ContactLeg)
        inside = rows.filter(ended_at__gte=span.start, ended_at__lt=span.stop)
        return [plain.Leg(*values) for values in inside.values_list(*names)]

    @cached_property
    def hours(self) -> BusinessHours | None:
        """Return when somebody is there; None when no opening hours are known."""
        week: dict[int, list[Any]] = {}
        for row in models.OpeningHours.objects.all():
            week.setdefault(row.weekday, []).append((row.opens, row.closes))
        if not week:
            return None
        closed = frozenset(models.Holiday.objects.values_list("day", flat=True))
        return BusinessHours(self.zone, week, closed)
