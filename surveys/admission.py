"""Who of a batch may really be written to, decided at the moment of sending.

Between the invitation and its turn people answer, unsubscribe or are asked by
someone else, and surveys close. Whoever is left out is written down with why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from outbox.days import local_date
from surveys import ledger
from surveys.cadence import AskFacts, Refusal, refusal
from surveys.mailbox import is_embedded
from surveys.models import Contact, Invitation, Suppression, Survey

_State = Invitation.State
_Asked = dict[tuple[int, int], datetime]  # (survey, contact) -> last ask
_Suppressed = dict[tuple[str, int | None], str]  # (address, survey or None for all) -> why


@dataclass(frozen=True, slots=True)
class Admission:
    """Invitations that may go out, and those an earlier attempt left handed over."""

    admitted: list[tuple[Invitation, Contact]]
    interrupted: list[int]


def admit(invitation_ids: Collection[int]) -> Admission:
    """Lock and judge invitations, each with all its mail needs; call inside a transaction.

    Those refused become skipped (or cancelled, when the survey is closed) with a reason.
    """
    rows = list(
        Invitation.objects.select_for_update(of=("self",))
        .select_related("survey__brand", "survey__wording", "contact__customer")
        .defer("survey__brand__logo")
        .filter(pk__in=invitation_ids)
        .order_by("pk")
    )
    return Admission(_judge(rows), [row.pk for row in rows if row.state == _State.HANDED])


def _judge(rows: Sequence[Invitation]) -> list[tuple[Invitation, Contact]]:
    waiting = [row for row in rows if row.state in ledger.SENDABLE]
    refused: dict[str, list[int]] = defaultdict(list)
    admitted = []
    asked, suppressed, now = _asked(waiting), _suppressed(waiting), timezone.now()
    for row in waiting:
        facts = _facts(row, asked, suppressed)
        if reason := refusal(facts, now=now):
            refused[_code(reason, row, facts, suppressed)].append(row.pk)
        elif row.contact:
            admitted.append((row, row.contact))
    for code, ids in refused.items():
        state = _State.CANCELLED if code == Refusal.CLOSED else _State.SKIPPED
        Invitation.objects.filter(pk__in=ids).update(state=state, reason=code)
    return admitted


def _code(reason: Refusal, row: Invitation, facts: AskFacts, suppressed: _Suppressed) -> str:
    """Return the reason as it is stored (surveys.reasons)."""
    if reason is Refusal.SUPPRESSED and row.contact:
        return _stopped(row, suppressed)
    if reason is Refusal.REST and facts.asked_at:
        return f"{Refusal.REST}:{local_date(facts.asked_at).isoformat()}"
    return reason.value


def _facts(row: Invitation, asked: _Asked, suppressed: _Suppressed) -> AskFacts:
    survey, contact = row.survey, row.contact
    customer = contact.customer if contact else None
    return AskFacts(
        is_live=survey.status == Survey.Status.LIVE,
        closes_at=survey.closes_at,
        has_address=contact is not None,
        has_answered=row.answered_at is not None,
        expires_at=row.expires_at,
        is_internal=customer is not None and customer.is_internal,
        # Made-up people of the demo must never reach a real mail server.
        is_made_up=contact is not None
        and contact.is_demo
        and not (survey.is_demo or is_embedded()),
        is_suppressed=bool(_stopped(row, suppressed)),
        asked_at=asked.get((row.survey_id, contact.pk)) if contact else None,
        rest_days=survey.rest_days,
    )


def _asked(rows: Sequence[Invitation]) -> _Asked:
    """Return when these surveys last wrote to these people."""
    found = (
        Invitation.objects.filter(
            contact_id__in={row.contact_id for row in rows if row.contact_id},
            survey_id__in={row.survey_id for row in rows},
            state__in=ledger.ASKED,
        )
        .values_list("survey_id", "contact_id")
        .annotate(at=Max(Coalesce("sent_at", "created_at")))
        .order_by()
    )
    return {(survey_id, contact_id): at for survey_id, contact_id, at in found}


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
