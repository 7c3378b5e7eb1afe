"""Which servers that asking stands on do not answer, since when, and what they said last."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from outbox.models import Job
from surveys.models import Outage
from surveys.services import DELIVER

MAIL_SERVER = Outage.Service.MAIL_SERVER
BOUNCE_MAILBOX = Outage.Service.BOUNCE_MAILBOX
NO_SERVER = "no mail server: "  # how the error of a mail begins that waits for the server
LONG = timedelta(minutes=15)
"""So long a mail server may be away before somebody is told: most come back by themselves."""


def note(service: Outage.Service, error: str) -> None:
    """Write down that a server does not answer; since when stays as first noted."""
    now, said = timezone.now(), error.replace("\0", "")[:400]
    Outage.objects.update_or_create(
        service=service,
        defaults={"error": said, "seen_at": now},
        create_defaults={"error": said, "seen_at": now, "since": now},
    )


def is_over(service: Outage.Service) -> None:
    Outage.objects.filter(service=service).delete()


def mail_server_away() -> Outage | None:
    """Return the outage of the mail server while mails wait for it."""
    outage = Outage.objects.filter(service=MAIL_SERVER).first()
    if outage is None:
        return None
    return outage if _mails_waiting().exists() else None


def long_outages() -> QuerySet[Outage]:
    """Return the outage of the mail server, if mails wait for it and somebody should know."""
    away = Outage.objects.filter(service=MAIL_SERVER, since__lte=Now() - LONG)
    return away.filter(Exists(_mails_waiting()))


def _mails_waiting() -> QuerySet[Job]:
    return Job.objects.filter(
        kind=DELIVER, state=Job.State.PENDING, last_error__startswith=NO_SERVER
    )


def is_long(outage: Outage) -> bool:
    return outage.since <= timezone.now() - LONG


def mailbox_away() -> Outage | None:
    return Outage.objects.filter(service=BOUNCE_MAILBOX).first()
