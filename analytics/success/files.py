"""Files of facts: received, matched, tried without storing, worked through in batches.

As with contacts every batch is one transaction that stores facts, refusals
and the count of rows done, so a killed worker goes on where it was. Uploading
a file again changes nothing: facts are known by their key.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.success.file_columns import (
    guess,
    key_text,
    missing,
    row_reader,
)
from analytics.success.intake import Intake, take_in
from analytics.success.kind import Kind
from analytics.success.kinds import KINDS
from analytics.success.models import FactFile, FactFileError
from outbox import jobs
from outbox.jobs import Wanted
from outbox.registry import Setback, Work
from outbox.transactions import write
from surveys import sheets
from surveys.models.files import BULKY
from surveys.repeats import Repeats, find_repeats
from surveys.sheets import Record
from surveys.slices import Batch, Part, count, one_slice, repeats_in, table_of
from surveys.stored_files import open_stored

FACTS = "facts"
MOST_LINES = 500_000
TRIED_ROWS = 5000
SHOWN_ROWS = 6
_SHOWN_PROBLEMS = 8


class ColumnsMissing(Exception):
    """A row cannot do without these columns, and none of the file is said to hold them."""


def kind_of(file: FactFile) -> Kind:
    return KINDS[file.kind]


def columns_of(file: FactFile) -> list[str]:
    return list(file.mapping.get("columns", []))


def receive(
    kind: Kind, name: str, data: bytes, *, by: Any, language: str, encoding: str = ""
) -> FactFile:
    """Keep a file whose columns are still to be matched. sheets.Unreadable for no table."""
    sheet = sheets.look(io.BytesIO(data), encoding=encoding, most_rows=MOST_LINES)
    return FactFile.objects.create(
        kind=kind.slug,
        name=name[-200:],
        data=data,
        rows=sheet.rows,
        header=list(sheet.header),
        mapping={"encoding": encoding, "columns": guess(kind, sheet.header)},
        language=language[:5],
        created_by=by,
    )


def choose(file: FactFile, columns: Sequence[str], *, encoding: str) -> None:
    """Note what each column holds; another encoding reads the headings anew.

    sheets.Unreadable when the file is no table in that encoding.
    """
    if encoding != file.mapping.get("encoding", ""):
        sheet = sheets.look(open_stored(file), encoding=encoding, most_rows=MOST_LINES)
        file.header, file.rows = list(sheet.header), sheet.rows
        if len(columns) != len(file.header):
            columns = guess(kind_of(file), file.header)
    file.mapping = {"encoding": encoding, "columns": list(columns)}
    FactFile.objects.filter(pk=file.pk, state=FactFile.State.WAITING_FOR_MAPPING).update(
        mapping=file.mapping, header=file.header, rows=file.rows
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row of a file; `column` is the column of the fact."""

    row: int
    column: str
    message: str
    is_refusal: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What storing the first `tried` rows would do; nothing is stored."""

    encoding: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    tried: int
    created: int
    updated: int
    unchanged: int
    refused: int
    repeated: int
    problems: tuple[Problem, ...]

    @property
    def kept(self) -> int:
        return self.created + self.updated + self.unchanged


def try_out(file: FactFile) -> Trial:
    """Read the file as it is matched now and say what would be created, updated, refused."""
    table = table_of(file)
    listed = list(islice(table.records(), TRIED_ROWS))
    width = len(file.header)
    shown = tuple(
        (r.row, tuple(str(c) for c in r.cells[:width]) + ("",) * (width - len(r.cells)))
        for r in listed[:SHOWN_ROWS]
    )
    if missing(kind_of(file), columns_of(file)):
        return Trial(table.encoding, shown, 0, 0, 0, 0, 0, 0, ())
    taking = _Taking(file, find_repeats(_keys(file, listed)))
    found, problems = taking.take(listed, is_dry=True)
    refused = len({problem.row for problem in problems if problem.is_refusal})
    return Trial(
        table.encoding, shown, len(listed), found.created, found.updated, found.unchanged,
        refused, len(listed) - found.created - found.updated - found.unchanged - refused,
        tuple(sorted(problems, key=lambda p: not p.is_refusal)[:_SHOWN_PROBLEMS]),
    )  # fmt: skip


def start(file: FactFile) -> bool:
    """Hand the file to the workers; False when that has happened before."""
    if lacking := missing(kind_of(file), columns_of(file)):
        raise ColumnsMissing(", ".join(lacking))
    with write():
        started = FactFile.objects.filter(
            pk=file.pk, state=FactFile.State.WAITING_FOR_MAPPING
        ).update(state=FactFile.State.RUNNING, started_at=timezone.now())
        if started:
            jobs.enqueue([Wanted(FACTS, file.pk, f"{FACTS}:{file.pk}")])
    return bool(started)


# ---- The work ------------------------------------------------------------------------


def work_through(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "facts": go on with each file for one slice of time."""
    return [setback for item in work if (setback := one_slice(FactFile, item, _batches))]


def _batches(file: FactFile) -> Batch:
    taking = _Taking(file, repeats_in(file, lambda records: _keys(file, records)))
    return lambda done, part: _batch(file.pk, done, part, taking)


def _keys(file: FactFile, records: Iterable[Record]) -> Iterator[tuple[int, str]]:
    """Yield the key of each row that can be taken in, as it is written."""
    kind = kind_of(file)
    read = row_reader(kind, file.header, columns_of(file))
    for record in records:
        if not record.is_torn and (key := key_text(kind, read(record))):
            yield record.row, key


class _Taking:
    """The rows of a file as facts, taken in by parts."""

    def __init__(self, file: FactFile, repeats: Repeats) -> None:
        self.kind = kind_of(file)
        self._row = row_reader(self.kind, file.header, columns_of(file))
        self._repeats = repeats

    def take(self, records: Sequence[Record], *, is_dry: bool) -> tuple[Intake, list[Problem]]:
        """Take rows in; return the counts and what was wrong with the others."""
        problems, wanted = [], []
        for record in records:
            if record.is_torn:
                message = _("A quotation mark is opened and never closed.")
                problems.append(Problem(record.row, "", message, True))
            elif self._repeats.last_of(record.row):
                problems.append(Problem(record.row, self.kind.key[0], _(
                    "stands in the file again further down; that row counts"), False))  # fmt: skip
            else:
                wanted.append(record)
        numbers = [record.row for record in wanted]
        rows = [self._row(record) for record in wanted]
        found = take_in(self.kind, rows, is_dry=is_dry, numbers=numbers)
        problems += [Problem(numbers[r.index], r.column, r.reason, True) for r in found.refusals]
        return found, problems


def _batch(file_id: int, done: int, part: Part, taking: _Taking) -> int | None:
    """Store the next rows; return how many are done now, None when somebody else went on."""
    with write():
        file = (
            FactFile.objects.select_for_update()
            .filter(pk=file_id, state=FactFile.State.RUNNING, rows_done=done)
            .defer(*BULKY)
            .first()
        )
        if file is None:
            return None
        found, problems = taking.take(part.records, is_dry=False)
        refused = len({problem.row for problem in problems if problem.is_refusal})
        kept = found.created + found.updated + found.unchanged
        _note(file, part.records, problems)
        count(
            file,
            created=found.created,
            updated=found.updated,
            unchanged=found.unchanged,
            refused=refused,
            repeated=len(part.records) - kept - refused,
            after=part.after,
        )
    return file.rows_done


def _note(file: FactFile, records: Sequence[Record], problems: Sequence[Problem]) -> None:
    cells = {record.row: list(record.cells) for record in records}
    FactFileError.objects.bulk_create(
        [
            FactFileError(
                upload=file,
                line=problem.row,
                column=problem.column[:120],
                code=(problem.column if problem.is_refusal else "duplicate")[:40],
                message=problem.message[:300],
                is_refusal=problem.is_refusal,
                cells=cells[problem.row] if problem.is_refusal else [],
            )
            for problem in problems
        ],
        batch_size=500,
    )
