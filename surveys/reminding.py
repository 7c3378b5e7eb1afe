"""Reminders: one more mail, once a step, to who was asked and has not answered.

A step is written down when it is due, and judged once more at the moment of
sending: whoever answered, unsubscribed or bounced meanwhile gets none. Like
an invitation it is mailed at most once; a crash in between leaves it doubtful.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from outbox.claims import backoff, hand_over
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Doubtful, Failed, Later, Setback, Work
from outbox.transactions import write
from surveys import reasons
from surveys.admission import in_the_morning
from surveys.carrier import Carrier, Delivery, Outcome
from surveys.history import history_of
from surveys.mail import render_reminder
from surveys.models import Campaign, Contact, Invitation, Reminder, SendingStop, Suppression, Survey
from surveys.services import REMIND, suppress, token_of

log = logging.getLogger(__name__)

BATCH = 500
LEASE_SECONDS = 120
PAUSE_SECONDS = 60.0
HELD_SECONDS = 900.0
MAX_ATTEMPTS = 8
_State = Reminder.State


# ---- Which are due ---------------------------------------------------------------------------


def remind_due(campaign: Campaign) -> bool:
    """Write down the steps that are due; False when no step can come any more."""
    if campaign.cancelled_at or not campaign.reminder_days:
        return False
    now = timezone.now()
    ladder = sorted(campaign.reminder_days)
    for step in range(1, len(ladder) + 1):
        while _write_down(_due(campaign, ladder, step, now), step, is_last=step == len(ladder)):
            pass
    if campaign.is_preparing:
        return True
    rows = campaign.invitations
    underway = [Invitation.State.WAITING, Invitation.State.HANDED, Invitation.State.DOUBTFUL]
    recent = Q(state=Invitation.State.SENT, sent_at__gt=now - timedelta(days=2 * ladder[-1] + 1))
    return rows.filter(Q(state__in=underway) | recent).exists()


def _due(
    campaign: Campaign, ladder: Sequence[int], step: int, now: datetime
) -> QuerySet[Invitation]:
    """Return whose step it is: so many days after the mail, and after the step before it."""
    rows = campaign.invitations.filter(
        state=Invitation.State.SENT,
        answered_at__isnull=True,
        expires_at__gt=now,
        sent_at__lte=now - timedelta(days=ladder[step - 1]),
    ).exclude(reminders__step=step)
    if step > 1:
        gap = timedelta(days=ladder[step - 1] - ladder[step - 2])
        before = Reminder.objects.filter(step=step - 1, created_at__lte=now - gap)
        went = Q(state=_State.SENT) | Q(state=_State.STOPPED, reason__startswith=reasons.REST_ANY)
        rows = rows.filter(pk__in=before.filter(went).values("invitation_id"))
    return rows.order_by("pk")


def _write_down(rows: QuerySet[Invitation], step: int, *, is_last: bool) -> bool:
    """Write the next of these steps down with their work; False when none is left."""
    with write():
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        Reminder.objects.bulk_create(
            [Reminder(invitation_id=pk, step=step, is_last=is_last) for pk in ids],
            ignore_conflicts=True,
        )
        made = Reminder.objects.filter(invitation_id__in=ids, step=step)
        enqueue(Wanted(REMIND, pk, f"{REMIND}:{pk}") for pk in made.values_list("pk", flat=True))
    return len(ids) == BATCH


# ---- Sending ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Letter:
    item: Work
    reminder: Reminder
    contact: Contact


def remind_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "remind": subject = reminder."""
    setbacks: list[Setback] = []
    with Carrier() as carrier:
        for number, item in enumerate(work):
            if trouble := carrier.open():
                rest = work[number:]
                setbacks += [
                    Later(other.id, PAUSE_SECONDS, trouble.error, counts=False) for other in rest
                ]
                break
            setbacks += _remind(item, carrier, by)
    return setbacks


def _remind(item: Work, carrier: Carrier, by: str) -> list[Setback]:
    with write():
        letter = _take(item, by)
    if not isinstance(letter, _Letter):
        return letter
    invitation = letter.reminder.invitation
    try:
        message = render_reminder(letter.reminder, token_of(invitation))
    except (ValueError, LookupError) as error:
        with write():
            _record(letter, _State.FAILED, "unwritable")
        return [Failed(item.id, f"{type(error).__name__}: {error}")]
    delivery = carrier.carry(message)
    with write():
        return _settle(letter, delivery)


def _take(item: Work, by: str) -> _Letter | list[Setback]:
    """Mark a reminder as leaving the house, or say why it does not; call inside a transaction."""
    rows = Reminder.objects.select_for_update(of=("self",)).select_related(
        "invitation__survey__brand",
        "invitation__survey__wording",
        "invitation__contact",
        "invitation__campaign__wave_of",
    )
    reminder = rows.filter(pk=item.subject_id).first()
    if reminder is None or reminder.state not in (_State.WAITING, _State.FAILED):
        return []
    now, contact = timezone.now(), reminder.invitation.contact
    if contact is not None:
        # An ask of another survey that leaves right now is waited for, and then seen.
        Contact.objects.select_for_update().get(pk=contact.pk)
    if reason := _stop(reminder, contact, now):
        Reminder.objects.filter(pk=reminder.pk).update(state=_State.STOPPED, reason=reason)
        return []
    if held := _held(reminder.invitation, now):
        return [Later(item.id, held, "not now", counts=False)]
    if contact is None or not hand_over([item.id], by=by, lease_seconds=LEASE_SECONDS):
        return []
    Reminder.objects.filter(pk=reminder.pk).update(state=_State.HANDED, handed_at=now, reason="")
    return _Letter(item, reminder, contact)


def _stop(reminder: Reminder, contact: Contact | None, now: datetime) -> str:
    """Return why this person is not reminded, as it is stored, "" when they are."""
    invitation = reminder.invitation
    survey, campaign = invitation.survey, invitation.campaign
    is_over = survey.closes_at is not None and survey.closes_at <= now
    suppressions = Suppression.objects.against(survey)
    checks = (
        (contact is None, reasons.NO_ADDRESS),
        (invitation.answered_at is not None, "answered"),
        (survey.status != Survey.Status.LIVE or is_over, "closed"),
        (invitation.expires_at <= now, "expired"),
        (campaign is not None and campaign.cancelled_at is not None, reasons.CANCELLED),
        (invitation.state == Invitation.State.BOUNCED, "bounced"),
        (invitation.state != Invitation.State.SENT, reasons.CANCELLED),
    )
    for holds, reason in checks:
        if holds:
            return str(reason)
    if contact is None:
        return reasons.NO_ADDRESS
    rows = suppressions.filter(email=contact.email)
    if stopped := rows.values_list("reason", flat=True).first():
        return str(stopped)
    return _other_survey_asked(invitation, contact, now)


def _other_survey_asked(invitation: Invitation, contact: Contact, now: datetime) -> str:
    """Return that another survey wrote within the rest between surveys, "" when none did."""
    history = history_of([contact], now=now)
    others = [
        at
        for (survey_id, _contact_id), at in history.by_survey.items()
        if survey_id != invitation.survey_id
    ]
    last = max(others, default=None)
    if last is not None and now < last + timedelta(days=history.rules.rest_days):
        return reasons.with_day(reasons.REST_ANY, last)
    return ""


def _held(invitation: Invitation, now: datetime) -> float:
    """Return for how many seconds a reminder is held back: a stop, or no morning there."""
    stops = SendingStop.objects.filter(resumed_at__isnull=True)
    if stops.filter(Q(campaign=None) | Q(campaign=invitation.campaign_id)).exists():
        return HELD_SECONDS
    return (in_the_morning(invitation, now) - now).total_seconds()


# ---- How it ended ----------------------------------------------------------------------------


def _settle(letter: _Letter, delivery: Delivery) -> list[Setback]:
    item, error = letter.item, delivery.error
    match delivery.outcome:
        case Outcome.SENT:
            now = timezone.now()
            _handed(letter).update(state=_State.SENT, sent_at=now)
            Contact.objects.filter(pk=letter.contact.pk).update(last_asked_at=now)
            return []
        case Outcome.NO_ADDRESS:
            _record(letter, _State.BOUNCED, "bounced")
            suppress(letter.contact.email, reason=Suppression.Reason.BOUNCED, source="mail server")
            return []
        case Outcome.UNCLEAR:
            _record(letter, _State.DOUBTFUL)
            return [Doubtful(item.id, error)]
        case Outcome.NO_SERVER:
            _record(letter, _State.WAITING)
            return [Later(item.id, PAUSE_SECONDS, error, counts=False)]
        case Outcome.LATER if item.attempts < MAX_ATTEMPTS:
            _record(letter, _State.WAITING)
            return [Later(item.id, max(PAUSE_SECONDS, backoff(item.attempts)), error)]
    _record(letter, _State.FAILED, "refused")
    return [Failed(item.id, error)]


def _record(letter: _Letter, state: str, reason: str = "") -> None:
    _handed(letter).update(state=state, reason=reason)
    log.warning("reminder %s job=%d", state, letter.item.id)


def _handed(letter: _Letter) -> QuerySet[Reminder]:
    return Reminder.objects.filter(pk=letter.reminder.pk, state=_State.HANDED)


def settle_interrupted(reminder_ids: Sequence[int]) -> None:
    """Sort out what a worker that died had handed over: called with those jobs doubtful."""
    rows = Reminder.objects.filter(pk__in=reminder_ids)
    rows.filter(state=_State.HANDED).update(state=_State.DOUBTFUL)
    unclear = set(rows.filter(state=_State.DOUBTFUL).values_list("pk", flat=True))
    settled = set(reminder_ids) - unclear
    Job.objects.filter(kind=REMIND, state=Job.State.DOUBTFUL, subject_id__in=settled).update(
        state=Job.State.DONE, done_at=Now()
    )


def mark_failed(reminder_ids: Sequence[int]) -> None:
    rows = Reminder.objects.filter(pk__in=reminder_ids, state=_State.WAITING)
    rows.update(state=_State.FAILED, reason="interrupted")
