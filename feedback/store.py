"""The hot path: a first answer stored in as few statements as the database allows.

PostgreSQL takes response, closed invitation, evidence and outbox row in one
statement, so one round trip and one commit. SQLite runs the same three writes
in one short transaction. Both leave it to the unique key on the invitation to
decide which of several parallel posts is the first.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from outbox import bell
from outbox.days import local_date
from outbox.transactions import write
from surveys.models import Invitation

if TYPE_CHECKING:
    from feedback.services import Submission

READ = "read"

_INSERT = """
INSERT INTO feedback_response (invitation_id, survey_id, contact_id, customer_id, wording_id,
    score, comment, language, channel, properties, standing, version, submitted_at, submitted_date)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'counted', 1, %s, %s)
ON CONFLICT (invitation_id) DO NOTHING RETURNING id"""
_CLOSE = "UPDATE surveys_invitation SET answered_at = %s WHERE id = %s"
_WORK = """
INSERT INTO outbox_job (kind, subject_id, detail, dedupe_key, state, is_wanted_again, due_at,
    claimed_by, attempts, last_error, created_at)"""
_AT_ONCE = f"""
WITH first AS ({_INSERT}),
closed AS ({_CLOSE} AND EXISTS (SELECT 1 FROM first)),
wanted AS ({_WORK}
    SELECT '{READ}', id, '', '{READ}:' || id || ':1', 'pending', FALSE, now(), '', 0, '', now()
    FROM first)
SELECT id FROM first"""  # noqa: S608  constants only; every value is a parameter
_WORK_SQLITE = f"""{_WORK}
VALUES ('{READ}', %s, '', %s, 'pending', 0, STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'),
    '', 0, '', STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'))"""


def store_first(invitation: Invitation, submission: Submission, *, now: datetime) -> int | None:
    """Store the first answer of an invitation and ring; None when there is one already."""
    row = _row(invitation, submission, now=now)
    if connection.vendor == "sqlite":
        response_id = _one_by_one(invitation, row, now=now)
    else:
        with connection.cursor() as cursor:
            cursor.execute(_AT_ONCE, [*row, now, invitation.pk])
            found = cursor.fetchone()
        response_id = found[0] if found else None
    if response_id is not None:
        transaction.on_commit(lambda: bell.ring(READ))
    return response_id


def _one_by_one(invitation: Invitation, row: list[object], *, now: datetime) -> int | None:
    with write(), connection.cursor() as cursor:
        found = cursor.execute(_INSERT, row).fetchone()
        if found is None:
            return None
        cursor.execute(_CLOSE, [connection.ops.adapt_datetimefield_value(now), invitation.pk])
        cursor.execute(_WORK_SQLITE, [found[0], f"{READ}:{found[0]}:1"])
    return int(found[0])


def _row(invitation: Invitation, submission: Submission, *, now: datetime) -> list[object]:
    contact = invitation.contact
    operations = connection.ops
    return [
        invitation.pk,
        invitation.survey_id,
        invitation.contact_id,
        contact.customer_id if contact else None,
        invitation.survey.wording_id,
        submission.score,
        submission.comment,
        submission.language,
        invitation.channel,
        json.dumps(invitation.properties),
        operations.adapt_datetimefield_value(now),
        operations.adapt_datefield_value(local_date(now)),
    ]
