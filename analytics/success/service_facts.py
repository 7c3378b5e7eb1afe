"""Reading how customers are helped: tickets, contacts, and when somebody is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, Value, When

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics import periods
from analytics.success.metrics.waiting import BusinessHours, business_time
from analytics.success.reading import Reading, whole_groups

_BEFORE = timedelta(days=62)
"""How far before the first day happenings are read that may belong to it (threads, returns)."""


_TICKET = (
    "external_id", "customer_id", "requester", "issue", "opened_at", "first_reply_at", "solved_at",
    "inbound_contacts", "reopened", "is_escalated", "flag", "channel", "is_other_department",
)  # fmt: skip
_LEG = (
    "contact", "channel", "talk_seconds", "hold_seconds", "wrap_seconds", "is_abandoned",
    "concurrency", "is_bot",
)  # fmt: skip


class Served(NamedTuple):
    """A ticket with what the waiting times need beside the plain ticket."""

    ticket: plain.Ticket
    replied: datetime | None


class ServiceFacts(Reading):
    # ---- Tickets -------------------------------------------------------------------------

    @cached_property
    def has_served(self) -> bool:
        """Return whether any customer's ticket is known of these days."""
        return bool(self.served) or (
            self.only is not None and self._tickets(self.of_everybody(models.Ticket)).exists()
        )

    @cached_property
    def served(self) -> list[Served]:
        """Return the tickets that were opened, open or solved from a while before `since`.

        Only of readings that hold so many: of all others see `served_by_issue` and `opened`.
        """
        return list(self._read(self._tickets(self.of_customers(models.Ticket))))

    def served_by_issue(self) -> Iterator[list[Served]]:
        """Yield the same some at a time, those of one customer and issue together."""
        if self.holds(models.Ticket):
            yield self.served
            return
        rows = self._tickets(self.of_customers(models.Ticket)).annotate(
            asker=Case(
                When(customer__isnull=False, then=Value("")),
                When(requester="", then=F("external_id")),
                default=F("requester"),
            ),
            subject=Case(When(issue="", then=F("external_id")), default=F("issue")),
        )
        ordered = rows.order_by("customer_id", "asker", "subject")
        yield from whole_groups(self._read(ordered), lambda s: (s.ticket.customer, s.ticket.issue))

    def opened(self, period: Period) -> Iterable[Served]:
        """Return the tickets that were opened in a period, one after the other."""
        span = self.instants(period)
        if self.holds(models.Ticket):
            return (s for s in self.served if span.start <= s.ticket.opened < span.stop)
        rows = self.of_customers(models.Ticket)
        return self._read(rows.filter(opened_at__gte=span.start, opened_at__lt=span.stop))

    def _tickets(self, rows: QuerySet[models.Ticket]) -> QuerySet[models.Ticket]:
        edge = periods.local_midnight(self.since - _BEFORE, self.zone)
        # what follows a solution of the last day decides whether it was one
        follow = timedelta(days=self.conventions.contact_days + 1)
        after = periods.local_midnight(self.after + follow, self.zone)
        return rows.filter(
            Q(opened_at__gte=edge) | Q(solved_at__gte=edge) | Q(solved_at__isnull=True),
            opened_at__lt=after,
        )

    def _read(self, rows: QuerySet[models.Ticket]) -> Iterator[Served]:
        listed = rows.values_list(*_TICKET, named=True)
        return map(self._served, listed.iterator(chunk_size=self.chunk))

    def _served(self, row: Any) -> Served:
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

    def _business_seconds(self, row: Any) -> float | None:
        """Return the open seconds to the solution where the rule for mail asks for them."""
        if not self.conventions.is_mail_hour or row.solved_at is None:
            return None
        if self.hours is None:
            return float((row.solved_at - row.opened_at).total_seconds())
        return float(business_time(row.opened_at, row.solved_at, self.hours).value or 0)

    # ---- Contacts ------------------------------------------------------------------------

    def legs(self, period: Period) -> Iterator[plain.Leg]:
        """Yield the parts of contacts whose work ended in the period."""
        return self._each_leg(period)

    def legs_by_contact(self, period: Period) -> Iterator[list[plain.Leg]]:
        """Yield the same some at a time, those of one contact together."""
        ordered = self._each_leg(period, "contact", "pk")
        return whole_groups(ordered, lambda leg: leg.contact)

    def _each_leg(self, period: Period, *order: str) -> Iterator[plain.Leg]:
        span = self.instants(period)
        rows = self.of_customers(models.ContactLeg).order_by(*order)
        inside = rows.filter(ended_at__gte=span.start, ended_at__lt=span.stop)
        listed = inside.values_list(*_LEG).iterator(chunk_size=self.chunk)
        return (plain.Leg(*values) for values in listed)

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
