"""Claim, re-check, render, hand over, record: each person gets at most one mail.

Around every mail stand two committed facts: *handed* before the server sees
it, and how it ended after. As many mails as leave within a tenth of a second
share a commit, and each is looked at once more before it leaves. A crash in
between leaves one visible doubtful row (surveys.logbook), never a second
mail. No transaction is open while a server is talked to.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.mail import EmailMessage
from django.utils import timezone

from outbox.claims import hand_over
from outbox.days import local_date
from outbox.jobs import enqueue
from outbox.registry import Doubtful, Failed, Later, Setback, Work, handler_of
from outbox.transactions import write
from surveys import aftermath, ledger, outages, pace, replies, returns, stops
from surveys.admission import admit
from surveys.carrier import Carrier, Delivery, Outcome, takes_raw_mail
from surveys.envelope import mail_id
from surveys.logbook import Logbook
from surveys.mail import render_invitation
from surveys.models import Contact, Invitation, MailEvent
from surveys.outages import NO_SERVER
from surveys.rawmail import RawMail, Writer
from surveys.replies import Verdict
from surveys.services import DELIVER, token_of

log = logging.getLogger(__name__)

MAX_SECONDS = 15.0  # a batch ends well before its lease and Celery's time limit
LEASE_SECONDS = 120  # MAX_SECONDS and the time-outs of one slow mail, with room
PAUSE_SECONDS = 60.0  # before a server that was away is asked again
LATER_SECONDS = 60  # before one mail is tried again whose circumstances changed
SLOWED_SECONDS = 900.0  # before a domain that told us to slow down is written to again
TOGETHER_SECONDS = 0.1  # how long mails handed over in one commit may take to leave
FIRST_TOGETHER = 16  # mails in a batch's first commit; then as many as the server takes
PACED = "its domain gets its mails one after another"
_State = Invitation.State


@dataclass(frozen=True, slots=True)
class _Letter:
    """One mail ready to go."""

    item: Work
    invitation: Invitation
    contact: Contact
    message: EmailMessage | RawMail
    not_before: float  # on the monotonic clock: its domain's pace

    @property
    def ask(self) -> ledger.Ask:
        return self.invitation, self.contact

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
    # What happened since the last commit: how mails ended, and which did not leave after all.
    carried: list[_Carried] = field(default_factory=list)
    stayed: list[_Letter] = field(default_factory=list)
    refused: list[_Letter] = field(default_factory=list)
    together: int = FIRST_TOGETHER
    trouble: str = ""  # what the mail server said, or that it did not answer at all


def deliver_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "deliver": subject = invitation."""
    this = _Round(by)
    letters = _letters(work, this)
    ends_at = time.monotonic() + MAX_SECONDS
    with Logbook(by) as logbook, Carrier() as carrier:
        _carry_all(deque(letters), carrier, logbook, this, ends_at=ends_at)
        with write():
            _lock([], this)
            _settle(this)
            enqueue(aftermath.tallies(this.days))
            _note_server(this)
    return this.setbacks


def _note_server(this: _Round) -> None:
    if this.trouble:
        outages.note(outages.MAIL_SERVER, this.trouble)
    elif this.days:  # some mail left
        outages.is_over(outages.MAIL_SERVER)


def _carry_all(
    letters: deque[_Letter], carrier: Carrier, logbook: Logbook, this: _Round, *, ends_at: float
) -> None:
    """Hand the letters over; the end of some and the start of the next share a commit."""
    while letters:
        if time.monotonic() > ends_at:
            _put_off(letters, this, 0, "the batch took long; the rest follows at once")
            return
        pause = letters[0].not_before - time.monotonic()
        if pause > 0 or not carrier.is_open:
            _settle_alone(this)  # a crash while waiting must make nothing doubtful
            time.sleep(max(pause, 0))
        if trouble := carrier.open():
            _no_server(letters, this, trouble)
            return
        with write():
            group = _next(letters, this.together if logbook.is_kept else 1)
            _lock(group, this)
            _settle(this)
            handed = _hand_over(_drop_slowed(group, this), this)
        _carry(handed, carrier, logbook, this)
        letters.extendleft(reversed(this.stayed))
        if this.carried and this.carried[-1][1].outcome is Outcome.NO_SERVER:
            _no_server(letters, this, this.carried[-1][1])
            return


def _no_server(letters: Iterable[_Letter], this: _Round, delivery: Delivery) -> None:
    this.trouble = delivery.error
    _put_off(letters, this, PAUSE_SECONDS, NO_SERVER + delivery.error)


def _next(letters: deque[_Letter], most: int) -> list[_Letter]:
    """Take the letters that are due now, up to so many."""
    group: list[_Letter] = []
    now = time.monotonic()
    while letters and len(group) < most and letters[0].not_before <= now:
        group.append(letters.popleft())
    return group


def _drop_slowed(group: Sequence[_Letter], this: _Round) -> list[_Letter]:
    for letter in group:
        if letter.domain in this.slowed:
            _put_off([letter], this, SLOWED_SECONDS, this.slowed[letter.domain])
    return [letter for letter in group if letter.domain not in this.slowed]


def _carry(handed: Sequence[_Letter], carrier: Carrier, logbook: Logbook, this: _Round) -> None:
    """Send what was handed over until something goes wrong or it takes too long.

    The rest stays and is judged anew: nobody is mailed by a decision older than that.
    """
    started = time.monotonic()
    with ledger.last_look() as may_leave:
        for number, letter in enumerate(handed, start=1):
            if not may_leave(letter.ask):
                this.refused.append(letter)
                continue
            logbook.begin(letter.invitation.pk)
            delivery = carrier.carry(letter.message)
            this.carried.append((letter, delivery))
            took_long = time.monotonic() - started > TOGETHER_SECONDS
            if took_long or delivery.outcome is not Outcome.SENT:
                this.stayed = list(handed[number:])
                this.together = max(1, number // 2) if took_long else this.together
                return
    this.together *= 2


def _put_off(letters: Iterable[_Letter], this: _Round, seconds: float, error: str) -> None:
    """Leave mails that were not handed over for later; none of them used up an attempt."""
    waiting = [Later(letter.item.id, seconds, error, counts=False) for letter in letters]
    this.setbacks += waiting
    if seconds and waiting:
        log.warning("mail waits count=%d seconds=%d", len(waiting), seconds)


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
    letters, now, writer = [], time.monotonic(), Writer() if takes_raw_mail() else None
    for (invitation, contact), slot in zip(admitted, slots, strict=True):
        item = items[invitation.pk]
        if slot.is_far:
            this.setbacks.append(Later(item.id, slot.seconds, PACED, counts=False))
            continue
        try:
            token = token_of(invitation)
            message = (writer.write if writer else render_invitation)(invitation, token)
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
        aftermath.mark_doubtful(found.interrupted)
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


def _lock(group: Sequence[_Letter], this: _Round) -> None:
    """Lock everybody the coming commit writes about in one go, so that two workers never cross."""
    both = [*group, *(letter for letter, _delivery in this.carried)]
    ledger.lock_people(letter.contact.pk for letter in both)


def _hand_over(group: Sequence[_Letter], this: _Round) -> list[_Letter]:
    """Write down that these mails leave now; return those that still may.

    Someone may have unsubscribed, the survey closed or another worker asked
    the same person since the batch was admitted.
    """
    handed = ledger.hand_over([letter.ask for letter in group], now=timezone.now())
    refused = [letter for letter in group if letter.invitation.pk not in handed]
    if refused:
        _judge_again(refused, this)
    return [letter for letter in group if letter.invitation.pk in handed]


def _judge_again(letters: Sequence[_Letter], this: _Round) -> None:
    """Write down why mails may not leave any more; where nothing is found, try them again."""
    again = _admit({letter.invitation.pk: letter.item for letter in letters}, this)
    ids = {row.pk for row, _contact in again}
    this.setbacks += [
        Later(letter.item.id, LATER_SECONDS, "changed a moment ago", counts=False)
        for letter in letters
        if letter.invitation.pk in ids
    ]


def _settle_alone(this: _Round) -> None:
    if this.carried or this.stayed or this.refused:
        with write():
            _lock([], this)
            _settle(this)


def _settle(this: _Round) -> None:
    """Write down how the mails since the last commit ended; call inside a transaction."""
    ledger.take_back([letter.invitation.pk for letter in (*this.stayed, *this.refused)])
    if this.refused:
        _judge_again(this.refused, this)
    _record_sent([letter for letter, how in this.carried if how.outcome is Outcome.SENT], this)
    for letter, delivery in this.carried:
        if delivery.outcome is not Outcome.SENT:
            _record_trouble(letter, delivery, this)
    this.carried, this.stayed, this.refused = [], [], []


def _record_trouble(letter: _Letter, delivery: Delivery, this: _Round) -> None:
    log.warning("mail %s job=%d", delivery.outcome.value, letter.item.id)
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


def _record_sent(letters: Sequence[_Letter], this: _Round) -> None:
    now = timezone.now()
    pairs = [(letter.invitation.pk, letter.contact.pk) for letter in letters]
    ledger.record_sent(pairs, now=now)
    fresh = {(letter.invitation.survey_id, local_date(now)) for letter in letters} - this.days
    if fresh:
        this.days |= fresh
        enqueue(aftermath.tallies(fresh))  # again at the end of the batch, after the last one
