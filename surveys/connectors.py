"""Calls of other systems become askings: each event at most once, with a result staff can read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from outbox.transactions import write
from surveys import asking, events, reasons, signatures, tokens
from surveys.models import Connector, ConnectorCall, Invitation, Survey
from surveys.roster import Person
from surveys.services import NotLive

FORMER_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=90)
_SWEPT = 50
_Outcome = ConnectorCall.Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a call. `is_repeat`: it came before and was not acted upon again."""

    call: ConnectorCall
    is_repeat: bool


def new_connector(**fields: Any) -> Connector:
    """Return an unsaved connector with an address and a secret of its own."""
    return Connector(
        public_id=secrets.token_urlsafe(15),
        nonce=secrets.token_bytes(tokens.NONCE_BYTES),
        key_id=next(iter(settings.LINK_KEYS)),
        **fields,
    )


def renew_secret(connector: Connector) -> None:
    """Make a new secret; the former one still opens for a day, so that nothing is lost."""
    with write():
        former = Connector.objects.select_for_update().get(pk=connector.pk)
        Connector.objects.filter(pk=connector.pk).update(
            nonce=secrets.token_bytes(tokens.NONCE_BYTES),
            key_id=next(iter(settings.LINK_KEYS)),
            former_nonce=former.nonce,
            former_key_id=former.key_id,
            former_until=timezone.now() + FORMER_FOR,
        )


def secret_of(connector: Connector) -> str:
    """Return the secret; empty when the key it was derived with has been thrown away."""
    if connector.key_id not in settings.LINK_KEYS:
        return ""
    return signatures.secret_of(
        settings.LINK_KEYS, key_id=connector.key_id, nonce=bytes(connector.nonce)
    )


def secrets_of(connector: Connector, *, now: datetime) -> list[str]:
    """Return every secret a call may be signed with now."""
    found = [secret] if (secret := secret_of(connector)) else []
    if (
        connector.former_nonce
        and connector.former_until
        and connector.former_until > now
        and connector.former_key_id in settings.LINK_KEYS
    ):
        nonce = bytes(connector.former_nonce)
        found.append(
            signatures.secret_of(settings.LINK_KEYS, key_id=connector.former_key_id, nonce=nonce)
        )
    return found


def note_refusal(connector: Connector, flaw: str) -> None:
    """Count a call that was not believed."""
    with write():
        Connector.objects.filter(pk=connector.pk).update(
            refused_count=F("refused_count") + 1,
            refused_at=timezone.now(),
            refused_reason=flaw[:40],
        )


def receive(connector: Connector, event_id: str, document: Any) -> Result:
    """Act upon a believed call, once; the same event again returns what became of it.

    An event that was refused before is tried again: the mapping may be right by now.
    """
    with write():
        _sweep()
        before = _known(connector, event_id)
        if before and before.outcome != _Outcome.REFUSED:
            ConnectorCall.objects.filter(pk=before.pk).update(repeats=F("repeats") + 1)
            return Result(before, is_repeat=True)
        call = before or _open(connector, event_id)
        if call is None:  # the same call came twice at the same moment
            return Result(ConnectorCall.objects.get(connector=connector, event_id=event_id), True)
        call.received_at = timezone.now()
        _act(connector, call, document)
        call.save()
    return Result(call, is_repeat=False)


def _known(connector: Connector, event_id: str) -> ConnectorCall | None:
    rows = ConnectorCall.objects.select_for_update().select_related(None)
    return rows.filter(connector=connector, event_id=event_id).first()


def _open(connector: Connector, event_id: str) -> ConnectorCall | None:
    try:
        with transaction.atomic():
            return ConnectorCall.objects.create(
                connector=connector,
                event_id=event_id,
                outcome=_Outcome.REFUSED,
                reason="…",
                received_at=timezone.now(),
            )
    except IntegrityError:
        return None


def _act(connector: Connector, call: ConnectorCall, document: Any) -> None:
    try:
        if not connector.is_open:
            raise events.Refused(_("This connector is switched off."))
        wish = events.read(events.mapping_of(connector.mapping), document)
        call.outcome, call.reason = _asked(connector, call, wish)
    except events.Ignored as error:
        call.outcome, call.reason = _Outcome.IGNORED, str(error)[:300]
    except events.Refused as error:
        call.outcome, call.reason = _Outcome.REFUSED, str(error)[:300]
    except NotLive:
        survey = Survey.objects.get(pk=connector.survey_id)
        call.outcome = _Outcome.REFUSED
        call.reason = _("The survey takes no answers: it is %(status)s.") % {
            "status": survey.get_status_display()
        }


def _asked(connector: Connector, call: ConnectorCall, wish: events.Wish) -> tuple[str, str]:
    if wish.once and not _take(call, wish.once):
        return _Outcome.IGNORED, _("“%(key)s” was asked about before.") % {"key": wish.once}
    seconds = connector.delay_hours * 3600 if wish.delay is None else wish.delay
    person = Person(
        row=0, email=wish.email, name=wish.name, customer_id=wish.customer, language=wish.language
    )
    try:
        with transaction.atomic():
            invitation = asking.ask(
                connector.survey,
                person,
                properties=wish.properties,
                send_at=timezone.now() + timedelta(seconds=seconds) if seconds else None,
            )
    except NotLive:
        call.once_key = ""  # it may be asked about when the survey is open
        raise
    call.invitation = invitation
    why = reasons.words(invitation.reason)[:300] if invitation.reason else ""
    is_skipped = invitation.state == Invitation.State.SKIPPED
    return (_Outcome.SKIPPED if is_skipped else _Outcome.ASKED), why


def _take(call: ConnectorCall, key: str) -> bool:
    """Reserve the other system's number for this call; False when another call has it."""
    call.once_key = key
    try:
        with transaction.atomic():
            call.save(update_fields=["once_key"])
    except IntegrityError:
        call.once_key = ""
        return False
    return True


def _sweep() -> None:
    """Forget old calls; what another call is forgetting is left to it."""
    old = ConnectorCall.objects.filter(received_at__lt=timezone.now() - KEPT_FOR)
    ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_SWEPT])
    if ids:
        ConnectorCall.objects.filter(pk__in=ids).delete()
