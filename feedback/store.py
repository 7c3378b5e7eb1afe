"""The hot path: a first answer checked and stored in as few statements as the database allows.

PostgreSQL checks the link and writes response, closed invitation and outbox
row in one statement, so one round trip and one commit. SQLite runs the same
writes in one short transaction. Both leave it to the unique key on the
invitation to decide which of several parallel posts is the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from feedback.proofs import Proof
from outbox import bell
from outbox.days import local_date
from outbox.prepared import prepared_cursor
from outbox.transactions import write
from surveys.models.survey import TOUCHPOINT_LONGEST
from surveys.scales import SCALES

READ = "read"


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """An answer without additional questions, as posted to a link.

    `language` is the page's; empty: the contact's, else the survey's.
    `proof` is how it was posted; None for answers no browser posted, which count.
    `needs_open`: only if the link's page was fetched before.
    """

    token_hash: bytes
    score: int
    comment: str
    language: str = ""
    proof: Proof | None = None
    needs_open: bool = False


# Nothing is stored unless the link is known, unanswered and open, its survey
# live, the score on its scale, and the contact's language one we speak.
_INSERT = """
INSERT INTO feedback_response (invitation_id, survey_id, contact_id, customer_id, wording_id,
    channel, touchpoint, properties, language, score, comment, standing, held_reasons,
    version, submitted_at, submitted_date)
SELECT i.id, i.survey_id, i.contact_id, c.customer_id, s.wording_id, i.channel,
    SUBSTR(COALESCE(NULLIF(i.properties ->> 'touchpoint', ''), s.touchpoint), 1, {longest}),
    i.properties, COALESCE(NULLIF(%s, ''), NULLIF(c.language, ''), s.language), %s, %s,
    {text}, {text}, 1, {now}, {day}
FROM surveys_invitation i
JOIN surveys_survey s ON s.id = i.survey_id
LEFT JOIN surveys_contact c ON c.id = i.contact_id
WHERE i.token_hash = %s AND i.answered_at IS NULL AND i.expires_at > %s
    AND s.status = 'live' AND (s.closes_at IS NULL OR s.closes_at > %s) AND s.kind IN ({kinds})
    AND (c.id IS NULL OR %s <> '' OR c.language IN ({languages}))
    AND (i.opened_at IS NOT NULL OR NOT {needed})
ON CONFLICT (invitation_id) DO NOTHING RETURNING id, invitation_id"""
# Evidence goes in with the answer: not one statement more on PostgreSQL.
_NOTE = """
INSERT INTO feedback_submit (verdict, reasons, rules, trace, network, score, at, is_in_force,
    invitation_id)"""
_NOTE_SQLITE = f"{_NOTE} VALUES (%s, %s, %s, %s, %s, %s, %s, 1, %s)"
_NOTE_AT_ONCE = f"""{_NOTE}
    SELECT %s::text, %s::text, %s::smallint, %s::jsonb, %s::text, %s::smallint, %s::timestamptz,
        TRUE, invitation_id FROM first"""  # noqa: S608  constants only
_LANGUAGES = ", ".join(f"'{code}'" for code in ("", *dict(settings.LANGUAGES)))
_CLOSE = "UPDATE surveys_invitation SET answered_at = %s WHERE id = "
_WORK = """
INSERT INTO outbox_job (kind, subject_id, detail, dedupe_key, state, is_wanted_again, due_at,
    claimed_by, attempts, last_error, created_at)"""
_WORK_SQLITE = f"""{_WORK}
VALUES ('{READ}', %s, '', %s, 'pending', 0, STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'),
    '', 0, '', STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'))"""


def _statement(score: int, *, is_sqlite: bool) -> str:
    """Return the INSERT for the kinds of survey whose scale holds this score."""
    kinds = ", ".join(f"'{kind}'" for kind, scale in SCALES.items() if scale.holds(score))
    # Types are spelt out because a bare parameter of a SELECT has none on PostgreSQL.
    types = ("timestamptz", "date", "text", "boolean")
    now, day, text, needed = (f"%s::{kind}" if not is_sqlite else "%s" for kind in types)
    return _INSERT.format(
        kinds=kinds or "''", languages=_LANGUAGES, now=now, day=day, text=text, needed=needed,
        longest=TOUCHPOINT_LONGEST,
    )  # fmt: skip


def _at_once(insert: str, *, is_noted: bool) -> str:
    noted = f",\nnoted AS ({_NOTE_AT_ONCE})" if is_noted else ""
    return f"""
WITH first AS ({insert}),
closed AS ({_CLOSE} (SELECT invitation_id FROM first)),
wanted AS ({_WORK}
    SELECT '{READ}', id, '', '{READ}:' || id || ':1', 'pending', FALSE, now(), '', 0, '', now()
    FROM first){noted}
SELECT id FROM first"""  # noqa: S608  constants only; every value is a parameter


_PLAIN = {score: _statement(score, is_sqlite=True) for score in range(11)}
_AT_ONCE = {
    (score, is_noted): _at_once(_statement(score, is_sqlite=False), is_noted=is_noted)
    for score in range(11)
    for is_noted in (False, True)
}


def store_first(answer: FirstAnswer, *, now: datetime) -> int | None:
    """Store the first answer to a link and ring; return its id.

    None when it could not be stored that simply: the link is unknown,
    answered, expired, not opened though it must be, or its survey not live, or
    the score is off its scale. The caller finds out which.
    """
    if answer.score not in _PLAIN:
        return None
    response_id = _store(answer, now)
    if response_id is not None:
        transaction.on_commit(lambda: bell.ring(READ))
    return response_id


def _store(answer: FirstAnswer, now: datetime) -> int | None:
    moment = connection.ops.adapt_datetimefield_value(now)
    day = connection.ops.adapt_datefield_value(local_date(now))
    proof = answer.proof
    is_held = proof is not None and proof.judgement.is_held
    reasons = ",".join(proof.judgement.reasons) if proof and is_held else ""
    note = [*proof.columns, answer.score, moment] if proof else []
    row: list[Any] = [
        answer.language, answer.score, answer.comment,
        "quarantined" if is_held else "counted", reasons, moment, day,
        answer.token_hash, moment, moment, answer.language, answer.needs_open,
    ]  # fmt: skip
    if connection.vendor == "sqlite":
        return _one_by_one(_PLAIN[answer.score], row, moment, note)
    with prepared_cursor() as cursor:
        cursor.execute(_AT_ONCE[answer.score, bool(note)], [*row, moment, *note])
        found = cursor.fetchone()
    return int(found[0]) if found else None


def _one_by_one(insert: str, row: list[Any], moment: Any, note: list[Any]) -> int | None:
    with write(), connection.cursor() as cursor:
        found = cursor.execute(insert, row).fetchone()
        if found is None:
            return None
        response_id, invitation_id = found
        cursor.execute(f"{_CLOSE} %s", [moment, invitation_id])
        cursor.execute(_WORK_SQLITE, [response_id, f"{READ}:{response_id}:1"])
        if note:
            cursor.execute(_NOTE_SQLITE, [*note, invitation_id])
    return int(response_id)
