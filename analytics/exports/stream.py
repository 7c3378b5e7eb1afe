"""Files of any length in constant memory: the database writes them, we hand them on.

PostgreSQL renders rows itself (COPY), SQLite's cursor is read as it goes; the
ORM only writes the SQL. Rows come newest first in stretches that follow an
index, so the first byte does not wait for a sort and no transaction stays
open for long.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from analytics.exports.cells import Column, guarded, safe
from analytics.exports.made import Batch, Made, written
from outbox import replica
from surveys.api.paging import beyond, up_to

Form = Literal["csv", "jsonl", "typed"]  # typed: JSON lines with documents as texts
_STRETCHES = (500, 10_000, 100_000)  # rows; the last size is kept
_CHUNK = 65_536  # bytes handed on at once
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Export:
    """What is written: rows, their keyset, columns. `is_raw` leaves formulas alone.

    Rows that are made have no keyset: their maker knows the order.
    """

    rows: QuerySet[Any] | Made
    keyset: tuple[str, ...]
    columns: Sequence[Column]
    form: Form
    is_raw: bool = False
    has_bom: bool = False


def stream(export: Export) -> Iterator[bytes]:
    """Yield the file in pieces. The first piece exists once the first rows were read."""
    head = head_of(export)
    for piece in _pieces(export):
        yield head + piece
        head = b""
    if head:
        yield head


def count(export: Export, *, most: int | None = None) -> int:
    """Return how many rows there are, counting no further than `most`."""
    if isinstance(export.rows, Made):
        return export.rows.count()
    return export.rows.order_by()[:most].count()


def head_of(export: Export) -> bytes:
    """Return what stands before the rows: the names of the columns in CSV."""
    if export.form != "csv":
        return b""
    line = io.StringIO()
    names = [column.id if export.is_raw else safe(column.id) for column in export.columns]
    csv.writer(line).writerow(names)
    return (BOM if export.has_bom else b"") + line.getvalue().encode()


def _pieces(export: Export) -> Iterator[bytes]:
    after: Sequence[Any] | None = None
    for size in chain(_STRETCHES, repeat(_STRETCHES[-1])):
        found = stretch(export, after, size)
        for piece in found.pieces():
            yield piece.data
        after = found.last
        if after is None:
            return


class Piece(NamedTuple):
    """Some whole rows as they stand in the file, and how many they are."""

    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of the index. `last` is the keyset of its last row, None when no row follows."""

    export: Export
    rows: QuerySet[Any]
    last: tuple[Any, ...] | None

    def pieces(self) -> Iterator[Piece]:
        read = _copied if connection.vendor == "postgresql" else _fetched
        alias, is_begun = replica.chosen(), False
        try:
            for piece in read(self.export, self.rows, alias):
                is_begun = True
                yield piece
        except OperationalError as error:
            if is_begun or alias == DEFAULT_DB_ALIAS:
                raise
            replica.give_up(error)
            yield from read(self.export, self.rows, DEFAULT_DB_ALIAS)


@dataclass(frozen=True, slots=True)
class MadeStretch:
    """A batch of rows that were computed."""

    export: Export
    batch: Batch

    @property
    def last(self) -> Sequence[Any] | None:
        return self.batch.last

    def pieces(self) -> Iterator[Piece]:
        export, rows = self.export, self.batch.rows
        if rows:
            data = written(rows, export.columns, export.form, is_raw=export.is_raw)
            yield Piece(data, len(rows))


@replica.reads_replica
def stretch(export: Export, after: Sequence[Any] | None, size: int) -> Stretch | MadeStretch:
    """Return the next `size` rows after a keyset, from the beginning when that is None.

    Rows that are made come in batches as large as their maker makes them.
    """
    if isinstance(export.rows, Made):
        return MadeStretch(export, export.rows.after(after))
    rows = export.rows.order_by(*export.keyset)
    rest = rows.filter(beyond(rows.model, export.keyset, after)) if after else rows
    names = [name.lstrip("-") for name in export.keyset]
    last = list(rest.order_by(*export.keyset).values_list(*names)[size - 1 : size])
    if not last:
        return Stretch(export, rest, None)
    return Stretch(export, rest.filter(up_to(rows.model, export.keyset, last[0])), last[0])


def _select(export: Export, rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of one stretch: a row of cells for CSV, one JSON text for JSON lines."""
    values: dict[str, Any] = {}
    for i, column in enumerate(export.columns):
        is_listed = export.form != "csv" and column.listed is not None
        values[f"c{i}"] = column.listed if is_listed else column.value
        if export.form == "typed" and column.type == "json":
            values[f"c{i}"] = Cast(column.value, TextField())
        if column.bare is not None:
            values[f"bare{i}"] = column.bare
    inner, parameters = rows.annotate(**values).values_list(*values).query.sql_with_params()
    # The fence keeps a value from being worked out anew wherever the outer row names it.
    fence = "OFFSET 0" if connection.vendor == "postgresql" else "LIMIT -1 OFFSET 0"
    write = _as_cells if export.form == "csv" else _as_json
    return write(export, f"({inner} {fence})"), parameters


def _as_cells(export: Export, rows: str) -> str:
    cells = []
    for i, column in enumerate(export.columns):
        if not column.is_text:
            cells.append(f"c{i}")
        elif export.is_raw:
            cells.append(f"NULLIF(c{i}, '')")
        else:
            cells.append(guarded(f"c{i}", bare="" if column.bare is None else f"bare{i}"))
    return f"SELECT {', '.join(cells)} FROM {rows} AS row"  # noqa: S608


def _as_json(export: Export, rows: str) -> str:
    # Names are ours: letters, digits, underscores.
    if connection.vendor == "postgresql":
        names = ", ".join(f'"{column.id}"' for column in export.columns)
        return f"SELECT row_to_json(row) FROM {rows} AS row({names})"  # noqa: S608
    pairs = ", ".join(
        f"'{column.id}', {_json_of(f'c{i}', column, export.form)}"
        for i, column in enumerate(export.columns)
    )
    return f"SELECT json_object({pairs}) FROM {rows} AS row"  # noqa: S608


def _json_of(cell: str, column: Column, form: Form) -> str:
    if not column.is_json:
        return cell
    # Glued to nothing, a document is a text to SQLite like any other.
    return f"{cell} || ''" if form == "typed" and column.type == "json" else f"json({cell})"


# So few rows of a large table, and what belongs to them, are found by index in the order of the
# file: a join that reads all contacts for each stretch, or code compiled for it, costs more.
_BY_INDEX = """
SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL max_parallel_workers_per_gather = 0"""
# Control characters that JSON text never holds: then nothing in it needs quoting.
_COPY_CSV = "COPY ({sql}) TO STDOUT WITH (FORMAT csv)"
_COPY_JSON = "COPY ({sql}) TO STDOUT WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"


def _copied(export: Export, rows: QuerySet[Any], alias: str) -> Iterator[Piece]:
    sql, parameters = _select(export, rows)
    end = b"\r\n" if export.form == "csv" else b"\n"
    # Filled in by the driver: Django's debugging cursor copies no parameters.
    operations: Any = connections[alias].ops  # PostgreSQL's, which know `compose_sql`
    copy = _COPY_CSV if export.form == "csv" else _COPY_JSON
    statement = operations.compose_sql(copy.format(sql=sql), parameters)
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(_BY_INDEX)
        yield from _lines(cursor, statement, end)


def _lines(cursor: Any, statement: str, end: bytes) -> Iterator[Piece]:
    lines: list[memoryview] = []
    size = 0
    with cursor.copy(statement) as copy:
        for line in copy:  # PostgreSQL sends one message a row, ending in a newline
            lines.append(line[:-1])
            size += len(line)
            if size > _CHUNK:
                yield Piece(end.join(lines) + end, len(lines))
                lines, size = [], 0
    if lines:
        yield Piece(end.join(lines) + end, len(lines))


def _fetched(export: Export, rows: QuerySet[Any], alias: str) -> Iterator[Piece]:
    with connections[alias].cursor() as cursor:
        cursor.execute(*_select(export, rows))
        while found := cursor.fetchmany(500):
            if export.form != "csv":
                data = "".join(f"{line}\n" for (line,) in found)
            else:
                text = io.StringIO()
                csv.writer(text).writerows(found)
                data = text.getvalue()
            yield Piece(data.encode(), len(found))
