"""Going through a long file in turns: a worker's time is short, the file's rows are many."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import override

from outbox.registry import Failed, Later, Setback, Work
from surveys import sheets
from surveys.models.files import TableFile
from surveys.sheets import Record, Sheet

BATCH = 500  # rows a transaction
DUE = -1.0  # seconds from now: due at once, whatever the grain of the database's clock
SLICE_SECONDS = 10.0  # a worker's turn; well under its lease and Celery's limits
File = TypeVar("File", bound=TableFile)
Batch = Callable[[int], int | None]
"""Store the rows after so many; return how many are done, None when somebody else went on."""


def sheet_of(file: TableFile) -> Sheet:
    return sheets.read(bytes(file.data or b""), encoding=file.mapping.get("encoding", ""))


def one_slice(
    model: type[File], item: Work, batches: Callable[[File, Sequence[Record]], Batch]
) -> Setback | None:
    """Go on with a running file where it was, until its rows or this turn are over."""
    file = model._default_manager.filter(pk=item.subject_id, state=TableFile.State.RUNNING).first()
    if file is None:
        return None
    ends_at = time.monotonic() + SLICE_SECONDS
    with override(file.language or None):
        try:
            records = sheet_of(file).records
        except sheets.Unreadable as error:
            _fail(file, str(error))
            return Failed(item.id, str(error))
        batch = batches(file, records)
        done: int | None = file.rows_done
        while done is not None and done < len(records):
            done = batch(done)
            if time.monotonic() > ends_at and done != len(records):
                return Later(item.id, DUE, "more rows wait", counts=False)
    return None


def _fail(file: TableFile, error: str) -> None:
    type(file)._default_manager.filter(pk=file.pk, state=TableFile.State.RUNNING).update(
        state=TableFile.State.FAILED, error=error[:300], finished_at=timezone.now(), data=None
    )


def stop(file: TableFile) -> bool:
    """Do no further rows; those done stay done."""
    return bool(
        type(file)
        ._default_manager.filter(pk=file.pk, state=TableFile.State.RUNNING)
        .update(state=TableFile.State.STOPPED, finished_at=timezone.now(), data=None)
    )


def count(
    file: TableFile,
    *,
    created: int,
    updated: int,
    unchanged: int,
    refused: int,
    repeated: int,
    of: int,
) -> None:
    """Add what became of a batch to a locked file and store it; `of` rows there are in all."""
    file.created_count += created
    file.updated_count += updated
    file.unchanged_count += unchanged
    file.error_count += refused
    file.duplicate_count += repeated
    file.rows_done += created + updated + unchanged + refused + repeated
    fields = ["created_count", "updated_count", "unchanged_count", "error_count"]
    fields += ["duplicate_count", "rows_done"]
    if file.rows_done == of:
        file.state, file.finished_at, file.data = TableFile.State.DONE, timezone.now(), None
        fields += ["state", "finished_at", "data"]
    file.save(update_fields=fields)
