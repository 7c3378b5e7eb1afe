"""Ask one person now or later, or hand out a link for other ways of asking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from outbox.jobs import Wanted, enqueue
from surveys import contacts
from surveys.audience import judged, reason_of
from surveys.models import Contact, Invitation, Survey
from surveys.roster import Person
from surveys.services import DELIVER, NotLive, new_invitation


def ask(
    survey: Survey,
    who: Person | Contact,
    *,
    properties: dict[str, Any] | None = None,
    send_at: datetime | None = None,
    is_mailed: bool = True,
) -> Invitation:
    """Return the invitation: waiting for its mail, skipped with a reason, or open as a bare link.

    A `Person` becomes a contact or updates one; `properties` are of this
    asking alone. Call inside a transaction. NotLive unless the survey takes
    answers.
    """
    now = timezone.now()
    if survey.status != Survey.Status.LIVE or (survey.closes_at and survey.closes_at <= now):
        raise NotLive(survey.slug)
    contact = who if isinstance(who, Contact) else _stored(who)
    reason = _reason(survey, contact) if is_mailed else ""
    invitation = new_invitation(
        survey,
        contact=contact,
        channel=Invitation.Channel.EMAIL if is_mailed else Invitation.Channel.LINK,
        state=_state(reason, is_mailed=is_mailed),
        reason=reason,
    )
    invitation.properties = {**contact.properties, **(properties or {})}
    invitation.send_at = send_at
    invitation.expires_at = max(send_at or now, now) + timedelta(days=survey.link_days)
    invitation.save()
    if invitation.state == Invitation.State.WAITING:
        enqueue([Wanted(DELIVER, invitation.pk, f"{DELIVER}:{invitation.pk}", due_at=send_at)])
    return invitation


def _stored(person: Person) -> Contact:
    return Contact.objects.get(pk=contacts.store([person]).all[0])


def _reason(survey: Survey, contact: Contact) -> str:
    # The lock lets one of two parallel askings see the other's invitation.
    Contact.objects.select_for_update().get(pk=contact.pk)
    return reason_of(judged(survey, Contact.objects.filter(pk=contact.pk)).get())


def _state(reason: str, *, is_mailed: bool) -> str:
    if reason:
        return Invitation.State.SKIPPED
    return Invitation.State.WAITING if is_mailed else Invitation.State.OPEN


def cancel(invitation: Invitation) -> bool:
    """Take a waiting mail back; False when it is waiting no more."""
    return bool(
        Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.WAITING).update(
            state=Invitation.State.CANCELLED, reason="by API"
        )
    )
