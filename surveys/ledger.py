"""What is written down about one mail, in as few statements as possible.

The delivery loop runs these per mail, inside its short transactions, so they
are plain SQL. Both databases take the same text.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from surveys.models import Contact, Invitation

# A claimed job may also find its invitation failed: staff asked for another try.
SENDABLE = (Invitation.State.WAITING, Invitation.State.FAILED)
# May have reached the person, so their rest runs.
ASKED = (Invitation.State.HANDED, Invitation.State.SENT, Invitation.State.DOUBTFUL)

_HAND_OVER = """
UPDATE surveys_invitation SET state = 'handed', reason = ''
WHERE id = %s AND state IN ('waiting', 'failed')
  AND EXISTS (SELECT 1 FROM surveys_survey WHERE id = %s AND status = 'live')
  AND NOT EXISTS (
    SELECT 1 FROM surveys_suppression
    WHERE email = %s AND lifted_at IS NULL AND (survey_id IS NULL OR survey_id = %s))
  AND NOT EXISTS (
    SELECT 1 FROM surveys_sendingstop
    WHERE resumed_at IS NULL AND (campaign_id IS NULL OR campaign_id = %s))
  AND NOT EXISTS (
    SELECT 1 FROM surveys_invitation AS other
    WHERE other.contact_id = %s AND other.survey_id = %s AND other.id <> %s
      AND other.state IN ('handed', 'sent', 'doubtful')
      AND COALESCE(other.sent_at, other.created_at) > %s)"""
_SENT = """
UPDATE surveys_invitation SET state = 'sent', sent_at = %s WHERE id = %s AND state = 'handed'"""
_ASKED = "UPDATE surveys_contact SET last_asked_at = %s WHERE id = %s"


def hand_over(invitation: Invitation, contact: Contact, *, now: datetime) -> bool:
    """Mark the mail as leaving the house, if everything that allows it still holds.

    Call inside a transaction. Two workers with the same person wait for each
    other at the contact's row, so the second one sees the first one's ask.
    """
    since = _adapted(now - timedelta(days=invitation.survey.rest_days))
    survey_id = invitation.survey_id
    with connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute("SELECT 1 FROM surveys_contact WHERE id = %s FOR UPDATE", [contact.pk])
        cursor.execute(
            _HAND_OVER,
            [
                *(invitation.pk, survey_id, contact.email, survey_id, invitation.campaign_id),
                *(contact.pk, survey_id, invitation.pk, since),
            ],
        )
        return bool(cursor.rowcount == 1)


def record_sent(invitation: Invitation, contact: Contact, *, now: datetime) -> None:
    moment = _adapted(now)
    with connection.cursor() as cursor:
        cursor.execute(_SENT, [moment, invitation.pk])
        cursor.execute(_ASKED, [moment, contact.pk])


def record(invitation: Invitation, *, state: str, reason: str = "") -> None:
    """Write how a handed-over mail ended other than sent."""
    handed = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.HANDED)
    handed.update(state=state, reason=reason[:120])


def _adapted(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
