"""Going through a long file in turns: a worker's time is short, the file's rows are many.

A batch of rows is held at a time. Where the next one begins is stored with it,
so that a turn does not read what those before it did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from outbox.registry import Failed, Later, Setback, Work
from surveys import sheets
from surveys.models.files import BULKY, TableFile
from surveys.repeats import Repeats, find_repeats, unpacked
from surveys.sheets import Place, Record, Sheet, Table
from surveys.stored_files import open_stored

BATCH = 500  # rows a transaction
DUE = -1.0  # seconds from now: due at once, whatever the grain of the database's clock
SLICE_SECONDS = 10.0  # a worker's turn; well under its lease and Celery's limits
File = TypeVar("File", bound=TableFile)
Keys = Callable[[Iterable[Record]], Iterable[tuple[int, str]]]
"""Yield row -> what no other row of the file may say, too, of those rows that have it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a file and where those after them begin."""

    records: list[Record]
    after: Place


Batch = Callable[[int, Part], int | None]
"""Store the rows after so many; return how many are done, None when somebody else went on."""


def look_into(file: TableFile, *, most: int = sheets.SAMPLE) -> Sheet:
    """Return the table in a stored file with its first rows. sheets.Unreadable otherwise."""
    return sheets.look(open_stored(file), encoding=_encoding(file), most=most)


def table_of(file: TableFile, place: Place | None = None) -> Table:
    """Return a stored file's rows from a place on. sheets.Unreadable for no table."""
    return Table(open_stored(file), encoding=_encoding(file), place=place)


def _encoding(file: TableFile) -> str:
    return str(file.mapping.get("encoding", ""))


def parts_of(file: TableFile) -> Iterator[Part]:
    """Yield the rows of a file that are still to be done, a batch at a time."""
    table = table_of(file, file.place)
    records = table.records()
    if not file.place:  # begun before places were stored
        next(islice(records, file.rows_done, file.rows_done), None)
    while listed := list(islice(records, BATCH)):
        yield Part(listed, table.place())


def repeats_in(file: TableFile, keys: Keys) -> Repeats:
    """Return the rows of a running file that stand in it again; looked for once, then stored."""
    files = type(file)._default_manager.filter(pk=file.pk, state=TableFile.State.RUNNING)
    stored = files.values_list("repeats", flat=True).first()
    if stored is not None:
        return unpacked(bytes(stored))
    found = find_repeats(keys(table_of(file).records()))
    files.update(repeats=found.packed())
    return found


def one_slice(model: type[File], item: Work, batches: Callable[[File], Batch]) -> Setback | None:
    """Go on with a running file where it was, until its rows or this turn are over."""
    running = model._default_manager.filter(state=TableFile.State.RUNNING).defer(*BULKY)
    file = running.filter(pk=item.subject_id).first()
    if file is None:
        return None
    with override(file.language or None):
        try:
            return _slice(file, item, batches)
        except sheets.Unreadable as error:
            if not _fail(file, str(error)):
                return None  # it was stopped meanwhile
            return Failed(item.id, str(error))


def _slice(file: File, item: Work, batches: Callable[[File], Batch]) -> Setback | None:
    batch, done = batches(file), file.rows_done
    ends_at = time.monotonic() + SLICE_SECONDS
    for part in parts_of(file):
        now_done = batch(done, part)
        if now_done is None:
            return None
        done = now_done
        if time.monotonic() > ends_at and done < file.rows:
            return Later(item.id, DUE, "more rows wait", counts=False)
    if done < file.rows:  # never silently fewer than were announced
        raise sheets.Unreadable(_("The file has no cells with text in them."))
    return None


def _fail(file: TableFile, error: str) -> bool:
    return _end(file, TableFile.State.FAILED, error=error[:300])


def stop(file: TableFile) -> bool:
    """Do no further rows; those done stay done."""
    return _end(file, TableFile.State.STOPPED)


def _end(file: TableFile, state: TableFile.State, **told: str) -> bool:
    running = type(file)._default_manager.filter(pk=file.pk, state=TableFile.State.RUNNING)
    ended = {"state": state, "finished_at": timezone.now(), "data": None, "repeats": None}
    return bool(running.update(**ended, **told))


def count(
    file: TableFile,
    *,
    created: int,
    updated: int,
    unchanged: int,
    refused: int,
    repeated: int,
    after: Place,
) -> None:
    """Add what became of a batch to a locked file and store it, with where the next begins."""
    file.created_count += created
    file.updated_count += updated
    file.unchanged_count += unchanged
    file.error_count += refused
    file.duplicate_count += repeated
    file.rows_done += created + updated + unchanged + refused + repeated
    file.place = dict(after)
    fields = ["created_count", "updated_count", "unchanged_count", "error_count"]
    fields += ["duplicate_count", "rows_done", "place"]
    if file.rows_done == file.rows:
        file.state, file.finished_at = TableFile.State.DONE, timezone.now()
        file.data = file.repeats = None
        fields += ["state", "finished_at", *BULKY]
    file.save(update_fields=fields)
