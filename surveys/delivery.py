"""Claim, re-check, render, hand over, record: each person gets at most one mail.

Around every mail stand two committed facts: *handed* before the server sees
it, and how it ended after. A crash in between leaves a visible doubtful row,
never a second mail. No transaction is open while a server is talked to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.utils import timezone

from outbox.claims import hand_over
from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Doubtful, Failed, Later, Setback, Work, handler_of
from outbox.transactions import write
from surveys import ledger, pace, replies, returns, stops
from surveys.admission import admit
from surveys.carrier import Carrier, Delivery, Outcome
from surveys.mail import mail_id, render_invitation
from surveys.models import Contact, Invitation, MailEvent
from surveys.replies import Verdict
from surveys.services import DELIVER, token_of

log = logging.getLogger(__name__)

MAX_SECONDS = 15.0  # a batch ends well before its lease and Celery's time limit
LEASE_SECONDS = 120  # MAX_SECONDS and the time-outs of one slow mail, with room
PAUSE_SECONDS = 60.0  # before a server that was away is asked again
LATER_SECONDS = 60  # before one mail is tried again whose circumstances changed
SLOWED_SECONDS = 900.0  # before a domain that told us to slow down is written to again
NO_SERVER = "no mail server: "  # how an error begins that staff hear of (surveys.attention)
PACED = "its domain gets its mails one after another"
_State = Invitation.State


@dataclass(frozen=True, slots=True)
class _Letter:
    """One mail ready to go."""

    item: Work
    invitation: Invitation
    contact: Contact
    message: EmailMessage
    not_before: float  # on the monotonic clock: its domain's pace

    @property
    def domain(self) -> str:
        return pace.domain_of(self.contact.email)


_Carried = tuple[_Letter, Delivery]


@dataclass(slots=True)
class _Round:
    """One claimed batch on its way: whose it is, and which days' numbers it moves."""

    by: str
    days: set[tuple[int, date]] = field(default_factory=set)
    setbacks: list[Setback] = field(default_factory=list)
    slowed: dict[str, str] = field(default_factory=dict)  # domain -> why it gets no more now


def deliver_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "deliver": subject = invitation."""
    this = _Round(by)
    letters = _letters(work, this)
    ends_at = time.monotonic() + MAX_SECONDS
    with Carrier() as carrier:
        _carry_all(letters, carrier, this, ends_at=ends_at)
    return this.setbacks


def _carry_all(
    letters: Sequence[_Letter], carrier: Carrier, this: _Round, *, ends_at: float
) -> None:
    """Hand the letters over one by one; the end of one and the start of the next share a commit."""
    last: _Carried | None = None
    for number, letter in enumerate(letters):
        rest = letters[number:]
        if time.monotonic() > ends_at:
            _put_off(rest, this, 0, "the batch took long; the rest follows at once")
            break
        if letter.domain in this.slowed:
            _put_off([letter], this, SLOWED_SECONDS, this.slowed[letter.domain])
            continue
        if last and letter.not_before > time.monotonic():
            _settle_alone(last, this)  # a crash while waiting must not make it doubtful
            last = None
        time.sleep(max(letter.not_before - time.monotonic(), 0))
        if last and not carrier.is_open:
            _settle(last, this)
            last = None
        if trouble := carrier.open():
            _put_off(rest, this, PAUSE_SECONDS, NO_SERVER + trouble.error)
            break
        with write():
            _settle(last, this)
            is_ours = _hand_over(letter, this)
        last = (letter, carrier.carry(letter.message)) if is_ours else None
        if last and last[1].outcome is Outcome.NO_SERVER:
            _put_off(rest[1:], this, PAUSE_SECONDS, NO_SERVER + last[1].error)
            break
    with write():
        _settle(last, this)
        enqueue(_tallies(this.days))


def _put_off(letters: Sequence[_Letter], this: _Round, seconds: float, error: str) -> None:
    """Leave mails that were not handed over for later; none of them used up an attempt."""
    this.setbacks += [Later(letter.item.id, seconds, error, counts=False) for letter in letters]
    if seconds:
        log.warning("mail waits count=%d seconds=%d", len(letters), seconds)


# ---- Who may be written to ---------------------------------------------------------------------


def _letters(work: Sequence[Work], this: _Round) -> list[_Letter]:
    """Return the mails that may go out; write down why the others may not."""
    items = {item.subject_id: item for item in work}
    if None in stops.held([None]):
        this.setbacks += [_stopped(item) for item in work]
        return []
    with write():
        # All jobs of the batch at once; which mail really left says its invitation.
        ours = hand_over([item.id for item in work], by=this.by, lease_seconds=LEASE_SECONDS)
        items = {pk: item for pk, item in items.items() if item.id in ours}
        admitted = _admit(items, this)
        slots = pace.book([contact.email for _row, contact in admitted])
    letters, now = [], time.monotonic()
    for (invitation, contact), slot in zip(admitted, slots, strict=True):
        item = items[invitation.pk]
        if slot.is_far:
            this.setbacks.append(Later(item.id, slot.seconds, PACED, counts=False))
            continue
        try:
            message = render_invitation(invitation, token_of(invitation))
        except (ValueError, LookupError) as error:
            # A link key thrown away, a header no mail can carry: trying again changes nothing.
            this.setbacks.append(Failed(item.id, f"{type(error).__name__}: {error}"))
            ids = Invitation.objects.filter(pk=invitation.pk)
            ids.update(state=_State.FAILED, reason="unwritable")
            continue
        letters.append(_Letter(item, invitation, contact, message, now + slot.seconds))
    return sorted(letters, key=lambda letter: letter.not_before)


def _admit(items: dict[int, Work], this: _Round) -> list[tuple[Invitation, Contact]]:
    found = admit(items)
    if found.interrupted:
        # An earlier attempt broke off after handing over: nobody knows how it ended.
        mark_doubtful(found.interrupted)
        error = "an earlier attempt broke off after handing over"
        this.setbacks += [Doubtful(items[pk].id, error) for pk in found.interrupted]
    for pk, rest in found.waits.items():
        seconds = (rest.until - timezone.now()).total_seconds()
        this.setbacks.append(Later(items[pk].id, max(seconds, 0), rest.reason, counts=False))
    held = stops.held({row.campaign_id for row, _contact in found.admitted})
    stopped = {row.pk for row, _contact in found.admitted if row.campaign_id in held}
    this.setbacks += [_stopped(items[pk]) for pk in stopped]
    return [pair for pair in found.admitted if pair[0].pk not in stopped]


def _stopped(item: Work) -> Later:
    return Later(item.id, stops.WAIT_SECONDS, stops.WHY_WAITING, counts=False)


# ---- The two facts around a mail -----------------------------------------------------------------


def _hand_over(letter: _Letter, this: _Round) -> bool:
    """Write down that this mail leaves now; False when it must not any more.

    Someone may have unsubscribed, the survey closed or another worker asked
    the same person since the batch was admitted.
    """
    if ledger.hand_over(letter.invitation, letter.contact, now=timezone.now()):
        return True
    # Judged once more, it says why; should nothing be found, the mail is tried again.
    if _admit({letter.invitation.pk: letter.item}, this):
        again = Later(letter.item.id, LATER_SECONDS, "changed a moment ago", counts=False)
        this.setbacks.append(again)
    return False


def _settle_alone(last: _Carried, this: _Round) -> None:
    with write():
        _settle(last, this)


def _settle(last: _Carried | None, this: _Round) -> None:
    """Write down how a mail ended."""
    if last is None:
        return
    letter, delivery = last
    if delivery.outcome is Outcome.SENT:
        _record_sent(letter, this)
        return
    log.warning("mail %s job=%d", delivery.outcome.value, letter.item.id)
    with write():
        if delivery.verdict is Verdict.TOO_FAST:
            this.slowed[letter.domain] = delivery.error
            pace.hold(letter.contact.email, SLOWED_SECONDS)
        this.setbacks += _record(letter, delivery)


def _record(letter: _Letter, delivery: Delivery) -> list[Setback]:
    item, invitation, error = letter.item, letter.invitation, delivery.error
    match delivery.outcome:
        case Outcome.NO_ADDRESS:
            ledger.record(invitation, state=_State.BOUNCED, reason="bounced")
            returns.record(_refusal(letter, error))
        case Outcome.REFUSED:
            ledger.record(invitation, state=_State.FAILED, reason="refused")
            return [Failed(item.id, error)]
        case Outcome.UNCLEAR:
            ledger.record(invitation, state=_State.DOUBTFUL)
            return [Doubtful(item.id, error)]
        case Outcome.NO_SERVER:
            ledger.record(invitation, state=_State.WAITING)
            return [Later(item.id, PAUSE_SECONDS, NO_SERVER + error, counts=False)]
        case Outcome.LATER if item.attempts < handler_of(DELIVER).max_attempts:
            ledger.record(invitation, state=_State.WAITING)
            return [Later(item.id, replies.wait(delivery.verdict, item.attempts), error)]
        case Outcome.LATER:
            ledger.record(invitation, state=_State.FAILED, reason="refused_often")
            return [Failed(item.id, error)]
    return []


def _refusal(letter: _Letter, error: str) -> returns.Report:
    """Return what the server said of an address, as the first of all reports about the mail."""
    return returns.Report(
        event_id=f"smtp:{letter.invitation.pk}:{letter.item.attempts}",
        kind=MailEvent.Kind.BOUNCED,
        source=stops.BY_SERVER,
        said=error,
        mail_id=mail_id(letter.invitation),
    )


def _record_sent(letter: _Letter, this: _Round) -> None:
    now = timezone.now()
    ledger.record_sent(letter.invitation, letter.contact, now=now)
    bucket = (letter.invitation.survey_id, local_date(now))
    if bucket not in this.days:
        this.days.add(bucket)
        enqueue(_tallies({bucket}))  # again at the end of the batch, after the last one


def _tallies(days: set[tuple[int, date]]) -> list[Wanted]:
    """Return the recount work for the days on which mails went out."""
    return [
        Wanted("tally", survey_id, f"tally:{survey_id}:{day}", detail=str(day), repeats=True)
        for survey_id, day in sorted(days)
    ]


# ---- After a crash ---------------------------------------------------------------------------


def settle_interrupted(invitation_ids: Sequence[int]) -> None:
    """Sort out the batch of a worker that died: called with its jobs just marked doubtful.

    Only the mail that had been handed over is doubtful. What was written down
    is done, and what had not left the house goes back to be sent.
    """
    rows = Invitation.objects.filter(pk__in=invitation_ids)
    waiting = set(rows.filter(state__in=ledger.SENDABLE).values_list("pk", flat=True))
    handed = set(rows.filter(state=_State.HANDED).values_list("pk", flat=True))
    unclear = handed | set(rows.filter(state=_State.DOUBTFUL).values_list("pk", flat=True))
    jobs = Job.objects.filter(kind=DELIVER, state=Job.State.DOUBTFUL, subject_id__in=invitation_ids)
    worn = jobs.filter(subject_id__in=waiting, attempts__gte=handler_of(DELIVER).max_attempts)
    mark_failed(list(worn.values_list("subject_id", flat=True)))
    worn.update(state=Job.State.DEAD)
    jobs.filter(subject_id__in=waiting).update(state=Job.State.PENDING, due_at=Now())
    jobs.exclude(subject_id__in=unclear).update(
        state=Job.State.DONE, done_at=Now(), last_error="", is_wanted_again=False
    )
    mark_doubtful(list(handed))


def mark_doubtful(invitation_ids: Sequence[int]) -> None:
    """A crash fell between handing over and recording: show it, never repeat it."""
    handed = Invitation.objects.filter(pk__in=invitation_ids, state=_State.HANDED)
    surveys = set(handed.order_by().values_list("survey_id", flat=True))
    handed.update(state=_State.DOUBTFUL)
    # The crash may have come before the recount its batch would have asked for.
    enqueue(_tallies({(survey_id, local_date(timezone.now())) for survey_id in surveys}))


def mark_failed(invitation_ids: Sequence[int]) -> None:
    """Workers stopped again and again before this mail could be handed over."""
    Invitation.objects.filter(pk__in=invitation_ids, state=_State.WAITING).update(
        state=_State.FAILED, reason="interrupted"
    )
