"""What comes back about a mail: bounces, complaints, deliveries; each is kept and acts once.

Reports come from our own SMTP session, from a provider's web hook and from
the bounce mailbox; all of them end here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from outbox import jobs
from outbox.days import local_date
from outbox.jobs import Wanted
from outbox.transactions import write
from surveys import stops
from surveys.models import Contact, Invitation, MailEvent, Suppression
from surveys.services import DELIVER, suppress

log = logging.getLogger(__name__)

RECENT = timedelta(days=90)  # a provider's report without our id is about a mail of these days
ENOUGH = 3  # mails that came back one after another: the address is as good as dead
_State, _Kind = Invitation.State, MailEvent.Kind
_LEFT = (_State.HANDED, _State.SENT, _State.DOUBTFUL)


@dataclass(frozen=True, slots=True)
class Report:
    """One thing said about one mail. `event_id` is the sender's own id for saying it.

    `email` may only come from somebody who has proven to be the provider.
    """

    event_id: str
    kind: str
    source: str
    said: str = ""
    mail_id: UUID | None = None
    email: str = ""


def record(report: Report) -> bool:
    """Write a report down and act on it; False when it is known already or about nobody of ours."""
    with write():
        invitation = _find(report)
        email = _address(report, invitation)
        if not email:
            return False
        event, is_new = MailEvent.objects.get_or_create(
            event_id=report.event_id[:200],
            defaults={
                "kind": report.kind,
                "source": report.source[:60],
                "said": report.said[:300],
                "email": email,
                "invitation": invitation,
            },
        )
        if is_new:
            _act(event)
    return is_new


def find_by_mail_id(mail_id: UUID) -> Invitation | None:
    """Return the invitation a mail's id belongs to (surveys.envelope.mail_id), or None."""
    least, most = mail_id.bytes + bytes(16), mail_id.bytes + b"\xff" * 16
    rows = Invitation.objects.filter(token_hash__gte=least, token_hash__lte=most)
    return rows.select_related("contact").first()


def parse_mail_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _find(report: Report) -> Invitation | None:
    if report.mail_id:
        return find_by_mail_id(report.mail_id)
    if not report.email:
        return None
    since = timezone.now() - RECENT
    rows = Invitation.objects.filter(
        contact__email=report.email.lower(), state__in=_LEFT, created_at__gt=since
    )
    return rows.select_related("contact").order_by("-id").first()


def _address(report: Report, invitation: Invitation | None) -> str:
    """Return whom it is about: our own record, or an address of ours the provider names."""
    if invitation and invitation.contact:
        return invitation.contact.email
    email = report.email.lower()
    return email if email and Contact.objects.filter(email=email).exists() else ""


# ---- Acting ------------------------------------------------------------------------------------


def _act(event: MailEvent) -> None:
    log.info("mail event kind=%s source=%s", event.kind, event.source)
    match event.kind:
        case _Kind.BOUNCED:
            _came_back(event, reason="bounced")
            _suppress(event, Suppression.Reason.BOUNCED)
        case _Kind.RETURNED:
            _came_back(event, reason="came_back")
            if _is_given_up(event):
                _suppress(event, Suppression.Reason.BOUNCED)
        case _Kind.COMPLAINED:
            _arrived(event)
            _suppress(event, Suppression.Reason.COMPLAINED)
        case _Kind.UNSUBSCRIBED:
            _suppress(event, Suppression.Reason.UNSUBSCRIBED)
        case _Kind.DELIVERED:
            _arrived(event)
    if event.kind in (_Kind.BOUNCED, _Kind.RETURNED, _Kind.COMPLAINED):
        stops.check(event.invitation.campaign_id if event.invitation else None)


def _suppress(event: MailEvent, reason: str) -> None:
    suppress(event.email, reason=reason, source=event.source)


def _mail_of(event: MailEvent) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=event.invitation_id or 0)


def _came_back(event: MailEvent, *, reason: str) -> None:
    """The mail is not where it should be; what was answered did arrive, whatever is said."""
    mine = _mail_of(event).filter(answered_at__isnull=True)
    if mine.filter(state__in=_LEFT).update(state=_State.BOUNCED, reason=reason):
        jobs.settle(DELIVER, [event.invitation_id or 0])
        _recount(event)


def _arrived(event: MailEvent) -> None:
    """A doubtful mail is none any more once its provider speaks of it as delivered."""
    mine = _mail_of(event).filter(state=_State.DOUBTFUL)
    if mine.update(state=_State.SENT, sent_at=timezone.now(), reason=""):
        jobs.settle(DELIVER, [event.invitation_id or 0])
        _recount(event)


def _is_given_up(event: MailEvent) -> bool:
    """Tell whether the last mails to this address all came back and none was answered."""
    rows = MailEvent.objects.filter(email=event.email, kind=_Kind.RETURNED)
    if rows.values("invitation").distinct().count() < ENOUGH:
        return False
    last = Invitation.objects.filter(contact__email=event.email, channel="email").order_by("-id")
    states = last.exclude(state__in=[_State.SKIPPED, _State.CANCELLED, _State.WAITING])
    return set(states.values_list("state", flat=True)[:ENOUGH]) == {_State.BOUNCED}


def _recount(event: MailEvent) -> None:
    row = event.invitation
    if row is None:
        return
    days = {local_date(timezone.now()), *([local_date(row.sent_at)] if row.sent_at else [])}
    jobs.enqueue(
        Wanted(
            "tally", row.survey_id, f"tally:{row.survey_id}:{day}", detail=str(day), repeats=True
        )
        for day in sorted(days)
    )
