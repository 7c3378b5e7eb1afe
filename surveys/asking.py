"""Ask one person now or later, or hand out a link for other ways of asking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from outbox.jobs import Wanted, enqueue
from surveys import contacts
from surveys.audience import free_at, give_up_at, judged, reason_of
from surveys.models import AskingRules, Contact, Invitation, Survey
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

    Somebody whose rest ends within the patience of the rules waits for that.
    A `Person` becomes a contact or updates one; `properties` are of this
    asking alone. Call inside a transaction. NotLive unless the survey takes
    answers.
    """
    now = timezone.now()
    if survey.status != Survey.Status.LIVE or (survey.closes_at and survey.closes_at <= now):
        raise NotLive(survey.slug)
    contact = who if isinstance(who, Contact) else _stored(who)
    give_up = give_up_at(max(send_at or now, now))
    person = _judged(survey, contact, give_up) if is_mailed else None
    if person is not None and person.later:
        free = free_at(survey, person, rest_any_days=AskingRules.current().rest_days)
        # Whose rest is over before the mail is due anyway waits for nothing.
        person.later, send_at = (
            ("", send_at) if send_at and free <= send_at else (person.later, free)
        )
    invitation = new_invitation(
        survey,
        contact=contact,
        channel=Invitation.Channel.EMAIL if is_mailed else Invitation.Channel.LINK,
        state=_state(person.skip if person else "", is_mailed=is_mailed),
        reason=reason_of(person) if person else "",
    )
    invitation.properties = {**contact.properties, **(properties or {})}
    invitation.send_at, invitation.give_up_at = send_at, give_up if is_mailed else None
    invitation.expires_at = max(send_at or now, now) + timedelta(days=survey.link_days)
    invitation.save()
    if invitation.state == Invitation.State.WAITING:
        enqueue([Wanted(DELIVER, invitation.pk, f"{DELIVER}:{invitation.pk}", due_at=send_at)])
    return invitation


def _stored(person: Person) -> Contact:
    return Contact.objects.get(pk=contacts.store([person]).all[0])


def _judged(survey: Survey, contact: Contact, give_up: datetime) -> Any:
    # The lock lets one of two parallel askings see the other's invitation.
    Contact.objects.select_for_update().get(pk=contact.pk)
    return judged(survey, Contact.objects.filter(pk=contact.pk), give_up_at=give_up).get()


def _state(skip: str, *, is_mailed: bool) -> str:
    if skip:
        return Invitation.State.SKIPPED
    return Invitation.State.WAITING if is_mailed else Invitation.State.OPEN


def cancel(invitation: Invitation) -> bool:
    """Take a waiting mail back; False when it is waiting no more."""
    return bool(
        Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.WAITING).update(
            state=Invitation.State.CANCELLED, reason="by API"
        )
    )
