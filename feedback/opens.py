"""Evidence of opened links. An opened link is never a vote: scanners open every one."""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.utils import timezone

from outbox.transactions import write
from surveys.models import Invitation

log = logging.getLogger(__name__)

MOST = 200  # per invitation; more says nothing new and would let anyone fill the disk

_INSERT = """
INSERT INTO feedback_linkopen (invitation_id, method, score, agent, at)
SELECT %s, %s, %s, %s, %s
WHERE (SELECT COUNT(*) FROM feedback_linkopen WHERE invitation_id = %s) < %s"""

_FIRST = "UPDATE surveys_invitation SET opened_at = %s WHERE id = %s AND opened_at IS NULL"


def record_open(request: HttpRequest, invitation: Invitation, *, score: int | None) -> None:
    """Note that the link was fetched. A failure costs the evidence, never the page."""
    agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())[:200]
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    row = [invitation.pk, request.method, score, agent, moment, invitation.pk, MOST]
    try:
        with write(), connection.cursor() as cursor:
            cursor.execute(_INSERT, row)
            if invitation.opened_at is None and request.method == "GET":
                cursor.execute(_FIRST, [moment, invitation.pk])
    except DatabaseError as error:
        log.warning("open not recorded error=%s", type(error).__name__)
