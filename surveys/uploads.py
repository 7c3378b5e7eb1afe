"""Contact files: received, matched, worked through in batches, reported row by row.

The file stays in its row until it is done. Every batch is one transaction
that stores people, refusals and the count of rows done, so a killed worker
goes on where it was and two workers never do the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from outbox import jobs
from outbox.jobs import Wanted
from outbox.registry import Setback, Work
from outbox.transactions import write
from surveys import contacts, roster, sheets
from surveys.models import Upload, UploadedContact, UploadError
from surveys.models.files import BULKY
from surveys.repeats import Repeats, find_repeats
from surveys.roster import Column, Meaning, Person, Problem
from surveys.sheets import Record
from surveys.slices import Batch, Part, count, look_into, one_slice, repeats_in, table_of
from surveys.stored_files import open_stored

UPLOAD = "upload"
SHOWN_ROWS = 8
SHOWN_PROBLEMS = 6


class NoEmailColumn(Exception):
    """No column, or more than one, is said to hold the e-mail address."""


# ---- Before --------------------------------------------------------------------------------------


def receive(name: str, data: bytes, *, by: Any, language: str, encoding: str = "") -> Upload:
    """Keep a file whose columns are still to be matched. sheets.Unreadable for no table."""
    sheet = sheets.look(io.BytesIO(data), encoding=encoding)
    columns = [column.meaning for column in roster.guess(sheet)]
    return Upload.objects.create(
        name=name[-200:],
        data=data,
        rows=sheet.rows,
        header=list(sheet.header),
        mapping={"encoding": encoding, "columns": columns},
        language=language[:5],
        created_by=by,
    )


def columns_of(upload: Upload) -> tuple[Column, ...]:
    meanings = upload.mapping.get("columns", [])
    return tuple(
        Column(index, heading, Meaning(meaning))
        for index, (heading, meaning) in enumerate(zip(upload.header, meanings, strict=False))
    )


def choose(upload: Upload, meanings: Sequence[str], *, encoding: str) -> None:
    """Note what each column holds; another encoding reads the headings anew.

    sheets.Unreadable when the file is no table in that encoding.
    """
    if encoding != upload.mapping.get("encoding", ""):
        sheet = sheets.look(open_stored(upload), encoding=encoding)
        upload.header, upload.rows = list(sheet.header), sheet.rows
        if len(meanings) != len(upload.header):
            meanings = [column.meaning for column in roster.guess(sheet)]
    upload.mapping = {"encoding": encoding, "columns": [str(Meaning(m)) for m in meanings]}
    Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING_FOR_MAPPING).update(
        mapping=upload.mapping, header=upload.header, rows=upload.rows
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as they stand, and what the whole file would give."""

    encoding: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    good: int
    refused: int
    problems: tuple[Problem, ...]  # the worst of them
    problem_count: int


def preview(upload: Upload) -> Preview:
    """Read the file with the columns chosen so far; nothing is stored."""
    sheet, columns = look_into(upload, most=SHOWN_ROWS), columns_of(upload)
    width = len(sheet.header)
    rows = tuple(
        (r.row, tuple(str(c) for c in r.cells[:width]) + ("",) * (width - len(r.cells)))
        for r in sheet.records
    )
    if _email_columns(columns) != 1:
        return Preview(sheet.encoding, rows, 0, 0, (), 0)
    good, problems = 0, _Problems()
    repeats = find_repeats(roster.addresses_in(table_of(upload).records(), columns))
    everybody = roster.people(table_of(upload).records(), columns, repeats=repeats)
    for _record, person, some in everybody:
        good += person is not None
        problems.add(some)
    return Preview(
        sheet.encoding, rows, good, problems.refused, tuple(problems.worst()), problems.count
    )


class _Problems:
    """Problems of a file that are counted, of which some of the worst kind are kept."""

    def __init__(self) -> None:
        self.count = self.refused = 0
        self._refusals: list[Problem] = []
        self._remarks: list[Problem] = []

    def add(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self.count += 1
            self.refused += problem.is_refusal
            kept = self._refusals if problem.is_refusal else self._remarks
            if len(kept) < SHOWN_PROBLEMS:
                kept.append(problem)

    def worst(self) -> list[Problem]:
        return [*self._refusals, *self._remarks][:SHOWN_PROBLEMS]


def _email_columns(columns: Sequence[Column]) -> int:
    return sum(column.meaning is Meaning.EMAIL for column in columns)


def start(upload: Upload) -> bool:
    """Hand the file to the workers; False when that has happened before."""
    if _email_columns(columns_of(upload)) != 1:
        raise NoEmailColumn(upload.name)
    with write():
        started = Upload.objects.filter(
            pk=upload.pk, state=Upload.State.WAITING_FOR_MAPPING
        ).update(state=Upload.State.RUNNING, started_at=timezone.now())
        if started:
            jobs.enqueue([Wanted(UPLOAD, upload.pk, f"{UPLOAD}:{upload.pk}")])
    return bool(started)


# ---- The work ------------------------------------------------------------------------------------


def work_through(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "upload": go on with each file for one slice of time."""
    return [setback for item in work if (setback := one_slice(Upload, item, _batches))]


def _batches(upload: Upload) -> Batch:
    columns = columns_of(upload)
    repeats = repeats_in(upload, lambda records: roster.addresses_in(records, columns))
    return lambda done, part: _batch(upload.pk, done, part, columns, repeats)


def _batch(
    upload_id: int, done: int, part: Part, columns: Sequence[Column], repeats: Repeats
) -> int | None:
    """Store the next rows; return how many are done now, None when somebody else went on."""
    rows = list(roster.people(part.records, columns, repeats=repeats))
    people = [person for _, person, _ in rows if person]
    refused = sum(any(problem.is_refusal for problem in some) for _, _, some in rows)
    with write():
        upload = (
            Upload.objects.select_for_update()
            .filter(pk=upload_id, state=Upload.State.RUNNING, rows_done=done)
            .defer(*BULKY)
            .first()
        )
        if upload is None:
            return None
        stored = contacts.store(people)
        _note(upload, rows, stored.all)
        count(
            upload,
            created=len(stored.created),
            updated=len(stored.updated),
            unchanged=len(stored.unchanged),
            refused=refused,
            repeated=len(rows) - len(people) - refused,
            after=part.after,
        )
    return upload.rows_done


def _note(
    upload: Upload,
    rows: Sequence[tuple[Record, Person | None, list[Problem]]],
    contact_ids: Sequence[int],
) -> None:
    UploadError.objects.bulk_create(
        [
            UploadError(
                upload=upload,
                line=record.row,
                column=problem.column[:120],
                code=problem.code,
                message=problem.message[:300],
                is_refusal=problem.is_refusal,
                cells=list(record.cells) if problem.is_refusal else [],
            )
            for record, _, problems in rows
            for problem in problems
        ],
        batch_size=500,
    )
    UploadedContact.objects.bulk_create(
        [UploadedContact(upload=upload, contact_id=id_) for id_ in contact_ids],
        ignore_conflicts=True,
        batch_size=500,
    )
