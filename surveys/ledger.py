"""What is written down about one mail, in as few statements as possible.

The delivery loop runs these per mail, inside its short transactions, so they
are plain SQL. Both databases take the same text.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce

from surveys.models import Contact, Invitation, Reminder

# A claimed job may also find its invitation failed: staff asked for another try.
SENDABLE = (Invitation.State.WAITING, Invitation.State.FAILED)
# May have reached the person, so their rest runs.
ASKED = (Invitation.State.HANDED, Invitation.State.SENT, Invitation.State.DOUBTFUL)
REMINDED = (Reminder.State.HANDED, Reminder.State.SENT, Reminder.State.DOUBTFUL)

_HAND_OVER = """
UPDATE surveys_invitation SET state = 'handed', reason = '', handed_at = %s
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
    WHERE other.contact_id = %s AND other.id <> %s
      AND (other.state IN ('handed', 'sent', 'doubtful')
           OR other.state = 'open' AND other.channel = 'link')
      AND COALESCE(other.sent_at, other.handed_at, other.created_at)
          > CASE WHEN other.survey_id = %s THEN %s ELSE %s END)"""
_REMINDED = """
  AND NOT EXISTS (
    SELECT 1 FROM surveys_reminder AS reminder
    JOIN surveys_invitation AS other ON other.id = reminder.invitation_id
    WHERE other.contact_id = %s AND reminder.state IN ('handed', 'sent', 'doubtful')
      AND reminder.handed_at > %s)"""
_UNDER_CAP = """
  AND (SELECT COUNT(DISTINCT other.contact_id)
       FROM surveys_invitation AS other
       JOIN surveys_contact AS person ON person.id = other.contact_id
       WHERE person.customer_id = %s AND other.contact_id <> %s
         AND (other.state IN ('handed', 'sent', 'doubtful')
              OR other.state = 'open' AND other.channel = 'link')
         AND COALESCE(other.sent_at, other.handed_at, other.created_at) > %s) < %s"""
_RULES = "SELECT rest_days, customer_most, customer_days FROM surveys_askingrules WHERE id = 1"
_SENT = """
UPDATE surveys_invitation SET state = 'sent', sent_at = %s WHERE id = %s AND state = 'handed'"""
_ASKED = "UPDATE surveys_contact SET last_asked_at = %s WHERE id = %s"


def asked_q() -> Q:
    """Return which invitations count as asks: mails that may have arrived, links handed out."""
    return Q(state__in=ASKED) | Q(state=Invitation.State.OPEN, channel=Invitation.Channel.LINK)


def asked_moment() -> Coalesce:
    """Return when such an ask was made, as a database expression."""
    return Coalesce("sent_at", "handed_at", "created_at")


def hand_over(invitation: Invitation, contact: Contact, *, now: datetime) -> bool:
    """Mark the mail as leaving the house, if everything that allows it still holds.

    Call inside a transaction. Two workers with the same person (or, under a
    cap, the same customer) wait for each other at that row, so the second one
    sees the first one's ask.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RULES)
        rest_any, most, days = cursor.fetchone() or (0, 0, 0)
        _lock(cursor, "surveys_contact", contact.pk)
        own = invitation.rest_days
        survey_id = invitation.survey_id
        statement, parameters = _HAND_OVER, [
            *(_adapted(now), invitation.pk, survey_id, contact.email, survey_id),
            *(invitation.campaign_id, contact.pk, invitation.pk, survey_id),
            *(_days_ago(now, max(own, rest_any)), _days_ago(now, rest_any)),
        ]  # fmt: skip
        if rest_any:
            statement += _REMINDED
            parameters += [contact.pk, _days_ago(now, rest_any)]
        if most and contact.customer_id:
            _lock(cursor, "surveys_customer", contact.customer_id)
            statement += _UNDER_CAP
            parameters += [contact.customer_id, contact.pk, _days_ago(now, days), most]
        cursor.execute(statement, parameters)
        return bool(cursor.rowcount == 1)


def _lock(cursor: Any, table: str, id_: int) -> None:
    if connection.features.has_select_for_update:
        cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [id_])  # noqa: S608


def _days_ago(now: datetime, days: int) -> Any:
    """Return that moment for the database; without a rest one that nothing lies after."""
    return _adapted(now - timedelta(days=days) if days else now + timedelta(days=366))


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
