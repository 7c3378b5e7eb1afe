"""Who of a batch may really be written to, decided at the moment of sending.

Between the invitation and its turn people answer, unsubscribe or are asked by
someone else, and surveys close. Whoever is left out is written down with why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils import timezone

from outbox.days import zone
from surveys import ledger, reasons
from surveys.cadence import AskFacts, Refusal, Wait, refusal, wait
from surveys.history import History, history_of
from surveys.mailbox import is_embedded
from surveys.models import Campaign, Contact, Invitation, Suppression, Survey
from surveys.slots import morning_from, zone_of

_State = Invitation.State
_SURVEYS = Survey.objects.select_related("brand", "wording").defer("brand__logo")
_Suppressed = dict[tuple[str, int | None], str]  # (address, survey or None for all) -> why


@dataclass(frozen=True, slots=True)
class Admission:
    """Invitations that may go out, those an earlier attempt left handed over, those that wait."""

    admitted: list[tuple[Invitation, Contact]]
    interrupted: list[int]
    waits: dict[int, Wait] = field(default_factory=dict)  # by invitation


def admit(invitation_ids: Collection[int]) -> Admission:
    """Lock and judge invitations, each with all its mail needs; call inside a transaction.

    Those refused become skipped (or cancelled, when the survey is closed) with a reason; those
    whose rest ends in time keep waiting, and say for what.
    """
    # Survey, words and campaign are few, so each is read once and not beside every row.
    rows = list(
        Invitation.objects.select_for_update()
        .prefetch_related(
            Prefetch("contact", Contact.objects.select_related("customer")),
            Prefetch("survey", _SURVEYS),
            Prefetch("campaign", Campaign.objects.select_related("wave_of")),
        )
        .defer("properties")
        .filter(pk__in=invitation_ids)
        .order_by("pk")
    )
    interrupted = [row.pk for row in rows if row.state == _State.HANDED]
    admitted, waits = _judge(rows)
    return Admission(admitted, interrupted, waits)


def _judge(
    rows: Sequence[Invitation],
) -> tuple[list[tuple[Invitation, Contact]], dict[int, Wait]]:
    waiting = [row for row in rows if row.state in ledger.SENDABLE]
    refused: dict[str, list[int]] = defaultdict(list)
    admitted, waits = [], {}
    suppressed, now = _suppressed(waiting), timezone.now()
    history = history_of([row.contact for row in waiting if row.contact], now=now)
    for row in waiting:
        facts = _facts(row, history, suppressed)
        rest = wait(facts, now=now) or _wait_for_its_time(row, now)
        if reason := refusal(facts, now=now):
            refused[_code(reason, row, facts, suppressed)].append(row.pk)
        elif rest:
            waits[row.pk] = _put_off(row, rest, _code(rest.reason, row, facts, suppressed))
        elif row.contact:
            admitted.append((row, row.contact))
    for code, ids in refused.items():
        is_over = code in (Refusal.CLOSED, Refusal.CANCELLED)
        state = _State.CANCELLED if is_over else _State.SKIPPED
        Invitation.objects.filter(pk__in=ids).update(state=state, reason=code)
    return admitted, waits


def _wait_for_its_time(row: Invitation, now: datetime) -> Wait | None:
    if row.send_at and row.send_at > now:
        return Wait(Refusal.EARLY, row.send_at)
    until = in_the_morning(row, now)
    return Wait(Refusal.MORNING, until) if until > now else None


def in_the_morning(row: Invitation, moment: datetime) -> datetime:
    """Return that moment, or for a campaign of mornings the next one where the person is."""
    if row.contact is None or row.campaign is None or not row.campaign.is_morning:
        return moment
    return morning_from(moment, row.contact.pk, zone_of(row.contact.properties, zone()))


def _put_off(row: Invitation, rest: Wait, reason: str) -> Wait:
    """Write down when this mail may leave and what it waits for; its link stays open as long."""
    until = in_the_morning(row, rest.until)
    Invitation.objects.filter(pk=row.pk).update(
        state=_State.WAITING,
        reason=reason,
        send_at=until,
        expires_at=max(row.expires_at, until + timedelta(days=row.survey.link_days)),
    )
    return Wait(rest.reason, until)


def _code(reason: Refusal, row: Invitation, facts: AskFacts, suppressed: _Suppressed) -> str:
    """Return the reason as it is stored (surveys.reasons)."""
    if reason is Refusal.SUPPRESSED and row.contact:
        return _stopped(row, suppressed)
    if reason is Refusal.REST:
        return reasons.with_day(reason, facts.asked_at)
    if reason is Refusal.REST_ANY:
        return reasons.with_day(reason, facts.asked_any_at)
    return reason.value


def _facts(row: Invitation, history: History, suppressed: _Suppressed) -> AskFacts:
    survey, contact = row.survey, row.contact
    customer = contact.customer if contact else None
    return AskFacts(
        is_live=survey.status == Survey.Status.LIVE,
        closes_at=survey.closes_at,
        is_cancelled=row.campaign is not None and row.campaign.cancelled_at is not None,
        has_address=contact is not None,
        has_answered=row.answered_at is not None,
        expires_at=row.expires_at,
        is_internal=customer is not None and customer.is_internal,
        # Made-up people of the demo must never reach a real mail server.
        is_made_up=contact is not None
        and contact.is_demo
        and not (survey.is_demo or is_embedded()),
        is_suppressed=bool(_stopped(row, suppressed)),
        asked_at=history.by_survey.get((row.survey_id, contact.pk)) if contact else None,
        rest_days=row.rest_days,
        asked_any_at=history.by_contact.get(contact.pk) if contact else None,
        rest_any_days=history.rules.rest_days,
        customer_free_at=history.customer_free_at(contact) if contact else None,
        give_up_at=row.give_up_at,
    )


def _suppressed(rows: Sequence[Invitation]) -> _Suppressed:
    emails = {row.contact.email for row in rows if row.contact}
    found = Suppression.objects.in_force().filter(email__in=emails)
    return {
        (email, survey_id): reason
        for email, survey_id, reason in found.values_list("email", "survey_id", "reason")
    }


def _stopped(row: Invitation, suppressed: _Suppressed) -> str:
    """Return why this person gets no mail of this survey, "" when they may."""
    if row.contact is None:
        return ""
    everywhere = suppressed.get((row.contact.email, None), "")
    return everywhere or suppressed.get((row.contact.email, row.survey_id), "")
