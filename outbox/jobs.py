"""Write work down: call inside the transaction of the fact that causes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from outbox import bell
from outbox.models import Job


@dataclass(frozen=True, slots=True)
class Wanted:
    """One piece of work to be written down.

    `dedupe_key` makes asking twice harmless: the same key is one row for ever.
    With `repeats` a finished row is opened again, and a row that is being done
    right now is done once more afterwards (recounts). `due_at` None = now.
    """

    kind: str
    subject_id: int
    dedupe_key: str
    detail: str = ""
    due_at: datetime | None = None
    repeats: bool = False


_COLUMNS = (
    "kind, subject_id, detail, dedupe_key, state, is_wanted_again, due_at, "
    "claimed_by, attempts, last_error, created_at"
)
_CHUNK = 80  # rows a statement; stays under SQLite's oldest limit of 999 variables


def enqueue(wanted: Iterable[Wanted]) -> None:
    """Write the rows and ring the bell once the surrounding transaction commits."""
    # PostgreSQL refuses to upsert one key twice in a statement, and once is what is meant.
    rows = list({row.dedupe_key: row for row in wanted}.values())
    for repeats in (False, True):
        chosen = [row for row in rows if row.repeats is repeats]
        for start in range(0, len(chosen), _CHUNK):
            _insert(chosen[start : start + _CHUNK], repeats=repeats)
    for kind in {row.kind for row in rows if row.due_at is None}:
        transaction.on_commit(lambda kind=kind: bell.ring(kind))  # type: ignore[misc]


def _insert(rows: list[Wanted], *, repeats: bool) -> None:
    if not rows:
        return
    now = _now_sql()
    values = ", ".join(
        f"(%s, %s, %s, %s, 'pending', {_false()}, COALESCE(%s, {now}), '', 0, '', {now})"
        for _ in rows
    )
    parameters: list[Any] = []
    for row in rows:
        due_at = None if row.due_at is None else _adapt(row.due_at)
        parameters += [row.kind, row.subject_id, row.detail, row.dedupe_key, due_at]
    with connection.cursor() as cursor:
        # Only constants and column names are formatted in; every value is a parameter.
        cursor.execute(
            f"INSERT INTO outbox_job ({_COLUMNS}) VALUES {values} {_on_conflict(repeats)}",  # noqa: S608
            parameters,
        )


def _on_conflict(repeats: bool) -> str:
    if not repeats:
        return "ON CONFLICT (dedupe_key) DO NOTHING"
    return """ON CONFLICT (dedupe_key) DO UPDATE SET
        due_at = CASE outbox_job.state WHEN 'pending' THEN outbox_job.due_at
                 ELSE excluded.due_at END,
        attempts = CASE WHEN outbox_job.state IN ('done', 'dead') THEN 0
                   ELSE outbox_job.attempts END,
        is_wanted_again = (outbox_job.state = 'claimed'),
        state = CASE WHEN outbox_job.state IN ('done', 'dead') THEN 'pending'
                ELSE outbox_job.state END"""


def _now_sql() -> str:
    if connection.vendor == "sqlite":
        return "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')"
    return "CLOCK_TIMESTAMP()"


def _false() -> str:
    return "0" if connection.vendor == "sqlite" else "FALSE"


def _adapt(moment: datetime) -> object:
    if connection.vendor == "sqlite":
        return connection.ops.adapt_datetimefield_value(moment)
    return moment


def retry(job_ids: Iterable[int]) -> int:
    """Give dead jobs a fresh start; doubtful ones only by their owner's decision."""
    count = Job.objects.filter(id__in=list(job_ids), state=Job.State.DEAD).update(
        state=Job.State.PENDING, attempts=0, due_at=Now(), last_error=""
    )
    for kind in Job.objects.filter(id__in=list(job_ids)).values_list("kind", flat=True).distinct():
        transaction.on_commit(lambda kind=kind: bell.ring(kind))  # type: ignore[misc]
    return count


def reopen(wanted: Iterable[Wanted]) -> None:
    """Do finished, dead or doubtful work once more, because a person decided so."""
    rows = list(wanted)
    enqueue(rows)  # what was forgotten long ago is written down anew
    closed = [Job.State.DONE, Job.State.DEAD, Job.State.DOUBTFUL]
    Job.objects.filter(dedupe_key__in=[row.dedupe_key for row in rows], state__in=closed).update(
        state=Job.State.PENDING, attempts=0, due_at=Now(), last_error=""
    )


def settle(kind: str, subject_ids: Iterable[int]) -> int:
    """Take doubtful work as done, because a person knows that it was; return how much."""
    return Job.objects.filter(
        kind=kind, subject_id__in=list(subject_ids), state=Job.State.DOUBTFUL
    ).update(state=Job.State.DONE, done_at=Now())


KEEP_DONE = timedelta(days=7)


def forget(*, batch: int = 5000) -> int:
    """Delete finished jobs older than a week, in batches; return how many.

    Their dedupe keys have served: the facts they belong to carry their own
    uniqueness (one response per invitation, one mail per invitation).
    """
    total = 0
    while True:
        old = Job.objects.filter(state=Job.State.DONE, done_at__lt=Now() - KEEP_DONE)
        count, _ = Job.objects.filter(
            id__in=list(old.values_list("id", flat=True)[:batch])
        ).delete()
        total += count
        if count < batch:
            return total
