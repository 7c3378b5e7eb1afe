"""When somebody last spoke with an account: a note about it, a request for help, a contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max

from analytics.success.models import AccountNote, ContactLeg, Ticket
from analytics.success.queries import Facts
from outbox.days import local_date

_LOOKED_BACK = timedelta(days=365)


def last_contacts(facts: Facts) -> dict[int, float]:
    """Return customer -> days since the last contact, of those with one within a year."""
    since = facts.as_of - _LOOKED_BACK
    newest: dict[int, datetime] = {}
    for who, at in _contacts(facts, (since, facts.as_of)):
        newest[who] = max(at, newest.get(who, at))
    return {who: float((facts.today - local_date(at)).days) for who, at in newest.items()}


def _contacts(facts: Facts, span: tuple[datetime, datetime]) -> Iterable[tuple[int, datetime]]:
    noise = (Ticket.Flag.SPAM, Ticket.Flag.MERGED)
    for rows, at in (
        (AccountNote.objects.filter(created_at__range=span), "created_at"),
        (Ticket.objects.filter(opened_at__range=span).exclude(flag__in=noise), "opened_at"),
        (ContactLeg.objects.filter(ended_at__range=span, is_bot=False), "ended_at"),
    ):
        known = rows.filter(customer__isnull=False)
        if facts.only is not None:
            known = known.filter(customer__any_of=list(facts.only))
        yield from known.order_by().values_list("customer_id").annotate(newest=Max(at))
