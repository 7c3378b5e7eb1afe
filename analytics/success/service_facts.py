"""Reading how customers are helped: tickets, contacts, and when somebody is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics import periods
from analytics.success.metrics.waiting import BusinessHours, business_time
from analytics.success.reading import Reading

_BEFORE = timedelta(days=62)
"""How far before the first day happenings are read that may belong to it (threads, returns)."""


class Served(NamedTuple):
    """A ticket with what the waiting times need beside the plain ticket."""

    ticket: plain.Ticket
    replied: datetime | None


class ServiceFacts(Reading):
    @cached_property
    def has_served(self) -> bool:
        """Return whether any customer's ticket is known of these days."""
        return bool(self.served) or (
            self.only is not None and self._tickets(self.of_everybody(models.Ticket)).exists()
        )

    @cached_property
    def served(self) -> list[Served]:
        """Return the tickets that were opened, open or solved from a while before `since`."""
        rows = self._tickets(self.of_customers(models.Ticket))
        return [self._served(row) for row in rows]

    def _tickets(self, rows: QuerySet[models.Ticket]) -> QuerySet[models.Ticket]:
        edge = periods.local_midnight(self.since - _BEFORE, self.zone)
        # what follows a solution of the last day decides whether it was one
        follow = timedelta(days=self.conventions.contact_days + 1)
        after = periods.local_midnight(self.after + follow, self.zone)
        return rows.filter(
            Q(opened_at__gte=edge) | Q(solved_at__gte=edge) | Q(solved_at__isnull=True),
            opened_at__lt=after,
        )

    def _served(self, row: models.Ticket) -> Served:
        ticket = plain.Ticket(
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
            business_seconds=self._business_seconds(row),
        )
        return Served(ticket, row.first_reply_at)

    def _business_seconds(self, row: models.Ticket) -> float | None:
        """Return the open seconds to the solution where the rule for mail asks for them."""
        if not self.conventions.is_mail_hour or row.solved_at is None:
            return None
        if self.hours is None:
            return (row.solved_at - row.opened_at).total_seconds()
        return float(business_time(row.opened_at, row.solved_at, self.hours).value or 0)

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
