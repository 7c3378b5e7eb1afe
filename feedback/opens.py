"""Evidence of opened links. An opened link is never a vote: scanners open every one."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.utils import timezone

from outbox.prepared import prepared_cursor
from outbox.transactions import write
from surveys.models import Invitation

log = logging.getLogger(__name__)

MOST = 200  # per invitation; more says nothing new and would let anyone fill the disk

_INSERT = """
INSERT INTO feedback_linkopen (invitation_id, method, score, agent, at)
SELECT {types}
WHERE (SELECT COUNT(*) FROM feedback_linkopen WHERE invitation_id = %s) < %s"""
_FIRST = "UPDATE surveys_invitation SET opened_at = %s WHERE id = %s AND opened_at IS NULL"

_PLAIN = _INSERT.format(types="%s, %s, %s, %s, %s")
# Types are spelt out because a bare parameter of a SELECT has none on PostgreSQL.
_TYPED = _INSERT.format(types="%s::bigint, %s::text, %s::smallint, %s::text, %s::timestamptz")
_TYPED_FIRST = f"WITH noted AS ({_TYPED}) {_FIRST}"


def record_open(request: HttpRequest, invitation: Invitation, *, score: int | None) -> None:
    """Note that the link was fetched. A failure costs the evidence, never the page."""
    agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())[:200]
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    row: list[Any] = [invitation.pk, request.method, score, agent, moment, invitation.pk, MOST]
    first: list[Any] = [moment, invitation.pk]
    is_first = invitation.opened_at is None and request.method == "GET"
    try:
        if connection.vendor == "sqlite":
            _note(row, first if is_first else [])
        else:
            _note_at_once(row, first if is_first else [])
    except DatabaseError as error:
        log.warning("open not recorded error=%s", type(error).__name__)


def _note(row: list[Any], first: list[Any]) -> None:
    with write(), connection.cursor() as cursor:
        cursor.execute(_PLAIN, row)
        if first:
            cursor.execute(_FIRST, first)


def _note_at_once(row: list[Any], first: list[Any]) -> None:
    with prepared_cursor() as cursor:
        cursor.execute(_TYPED_FIRST if first else _TYPED, row + first)
