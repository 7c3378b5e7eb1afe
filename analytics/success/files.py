"""Files of facts: received, matched, tried without storing, worked through in batches.

As with contacts every batch is one transaction that stores facts, refusals
and the count of rows done, so a killed worker goes on where it was. Uploading
a file again changes nothing: facts are known by their key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.success.file_columns import (
    guess,
    is_repeated,
    last_row_of_each,
    missing,
    rows_of,
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
from surveys.sheets import Record
from surveys.slices import BATCH, Batch, count, one_slice, sheet_of

FACTS = "facts"
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
    sheet = sheets.read(data, encoding=encoding)
    return FactFile.objects.create(
        kind=kind.slug,
        name=name[-200:],
        data=data,
        rows=len(sheet.records),
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
        sheet = sheets.read(bytes(file.data or b""), encoding=encoding)
        file.header, file.rows = list(sheet.header), len(sheet.records)
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
    sheet = sheet_of(file)
    width = len(sheet.header)
    shown = tuple(
        (r.row, tuple(str(c) for c in r.cells[:width]) + ("",) * (width - len(r.cells)))
        for r in sheet.records[:SHOWN_ROWS]
    )
    if missing(kind_of(file), columns_of(file)):
        return Trial(sheet.encoding, shown, 0, 0, 0, 0, 0, 0, ())
    listed = sheet.records[:TRIED_ROWS]
    found, problems = _Taking(file, listed).take(0, len(listed), is_dry=True)
    refused = len({problem.row for problem in problems if problem.is_refusal})
    return Trial(
        sheet.encoding, shown, len(listed), found.created, found.updated, found.unchanged,
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


def _batches(file: FactFile, records: Sequence[Record]) -> Batch:
    taking = _Taking(file, records)
    return lambda done: _batch(file.pk, done, taking)


class _Taking:
    """The rows of a file as facts, taken in by parts."""

    def __init__(self, file: FactFile, records: Sequence[Record]) -> None:
        self.kind, self.records = kind_of(file), records
        self._rows = rows_of(self.kind, file.header, columns_of(file), records)
        self._last = last_row_of_each(self.kind, self._rows)

    def take(self, start: int, stop: int, *, is_dry: bool) -> tuple[Intake, list[Problem]]:
        """Take rows [start, stop) in; return the counts and what was wrong with the others."""
        problems, wanted = [], []
        for index in range(start, min(stop, len(self.records))):
            record = self.records[index]
            if record.is_torn:
                message = _("A quotation mark is opened and never closed.")
                problems.append(Problem(record.row, "", message, True))
            elif is_repeated(self.kind, self._rows[index], index, self._last):
                problems.append(Problem(record.row, self.kind.key[0], _(
                    "stands in the file again further down; that row counts"), False))  # fmt: skip
            else:
                wanted.append(index)
        rows = [self.records[index].row for index in wanted]
        found = take_in(
            self.kind, [self._rows[index] for index in wanted], is_dry=is_dry, numbers=rows
        )
        problems += [Problem(rows[r.index], r.column, r.reason, True) for r in found.refusals]
        return found, problems


def _batch(file_id: int, done: int, taking: _Taking) -> int | None:
    """Store the next rows; return how many are done now, None when somebody else went on."""
    stop = min(done + BATCH, len(taking.records))
    with write():
        file = (
            FactFile.objects.select_for_update()
            .filter(pk=file_id, state=FactFile.State.RUNNING, rows_done=done)
            .defer("data")
            .first()
        )
        if file is None:
            return None
        found, problems = taking.take(done, stop, is_dry=False)
        refused = len({problem.row for problem in problems if problem.is_refusal})
        kept = found.created + found.updated + found.unchanged
        _note(file, taking.records[done:stop], problems)
        count(
            file,
            created=found.created,
            updated=found.updated,
            unchanged=found.unchanged,
            refused=refused,
            repeated=stop - done - kept - refused,
            of=len(taking.records),
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
