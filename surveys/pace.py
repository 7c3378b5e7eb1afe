"""How quickly mail goes to one domain: a rate kept in the database, for all workers together.

Each domain is booked ahead, a moment a mail. A worker waits for moments that
come within seconds; mails for later go back to the outbox with a due time of
their own, so that a thousand mails to one provider hold up nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from surveys.mailbox import is_embedded
from surveys.models import MailDomain

WINDOW = 2.0  # seconds a worker waits for a mail's moment at most


@dataclass(frozen=True, slots=True)
class Slot:
    """When a mail may leave, in seconds from now; `is_far`: until then it waits in the outbox."""

    seconds: float
    is_far: bool = False


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()[:255]


def gap() -> float:
    """Return the seconds between two mails to one domain, 0 for no limit."""
    rate = settings.MAILS_PER_SECOND_TO_A_DOMAIN
    return 1 / rate if rate > 0 and not is_embedded() else 0.0


def book(emails: Sequence[str]) -> list[Slot]:
    """Book a moment for each mail, in order; call inside a transaction."""
    step = gap()
    if not step or not emails:
        return [Slot(0.0)] * len(emails)
    rows, now = _locked(sorted({domain_of(email) for email in emails}))
    slots = [_book(rows[domain_of(email)], now=now, step=step) for email in emails]
    _keep(rows.values())
    return slots


def _book(row: MailDomain, *, now: float, step: float) -> Slot:
    at = max(row.free_at, now)
    if at - now <= WINDOW:
        row.free_at = at + step
        return Slot(at - now)
    # Behind those that were put off before it, so that each comes back about once.
    row.queue_until = max(row.queue_until, at) + step
    return Slot(row.queue_until - now, is_far=True)


def hold(email: str, seconds: float) -> None:
    """Send nothing to a mail's domain for a while: its server asked us to slow down."""
    name = domain_of(email)
    rows, now = _locked([name])
    rows[name].free_at = max(rows[name].free_at, now + seconds)
    _keep(rows.values())


def _locked(names: Sequence[str]) -> tuple[dict[str, MailDomain], float]:
    """Return the rows, locked in one order everywhere, and the database's clock."""
    found = _read(names)
    if len(found) < len(names):
        known = {row.name for row, _at in found}
        fresh = [MailDomain(name=name) for name in names if name not in known]
        MailDomain.objects.bulk_create(fresh, ignore_conflicts=True)
        found = _read(names)
    return {row.name: row for row, _at in found}, max(at for _row, at in found).timestamp()


def _read(names: Sequence[str]) -> list[tuple[MailDomain, datetime]]:
    rows = MailDomain.objects.select_for_update().filter(name__in=names).order_by("name")
    return [(row, row.clock) for row in rows.annotate(clock=Now())]


def _keep(rows: Iterable[MailDomain]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE surveys_maildomain SET free_at = %s, queue_until = %s WHERE id = %s",
            [(row.free_at, row.queue_until, row.pk) for row in rows],
        )
