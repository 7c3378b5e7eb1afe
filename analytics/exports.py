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
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import QuerySet

from analytics.cells import Column, guarded, safe
from surveys.api.paging import beyond, up_to

Form = Literal["csv", "jsonl"]
_FIRST, _NEXT = 500, 10_000  # rows of a stretch
_CHUNK = 65_536  # bytes handed on at once
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Export:
    """What is written: rows, their keyset, columns. `is_raw` leaves formulas alone."""

    rows: QuerySet[Any]
    keyset: tuple[str, ...]
    columns: Sequence[Column]
    form: Form
    is_raw: bool = False
    has_bom: bool = False


def stream(export: Export) -> Iterator[bytes]:
    """Yield the file in pieces. The first piece exists once the first rows were read."""
    head = _head(export)
    for piece in _pieces(export):
        yield head + piece
        head = b""
    if head:
        yield head


def _head(export: Export) -> bytes:
    if export.form == "jsonl":
        return b""
    line = io.StringIO()
    names = [column.id if export.is_raw else safe(column.id) for column in export.columns]
    csv.writer(line).writerow(names)
    return (BOM if export.has_bom else b"") + line.getvalue().encode()


def _pieces(export: Export) -> Iterator[bytes]:
    read = _copied if connection.vendor == "postgresql" else _fetched
    for stretch in _stretches(export):
        yield from read(export, stretch)


def _stretches(export: Export) -> Iterator[QuerySet[Any]]:
    """Yield the rows cut at every so many of them, each a range of the index."""
    rows, after, size = export.rows.order_by(*export.keyset), None, _FIRST
    while True:
        rest = rows.filter(beyond(rows.model, export.keyset, after)) if after else rows
        names = [name.lstrip("-") for name in export.keyset]
        last = list(rest.order_by(*export.keyset).values_list(*names)[size - 1 : size])
        if not last:
            yield rest
            return
        yield rest.filter(up_to(rows.model, export.keyset, last[0]))
        after, size = last[0], _NEXT


def _select(export: Export, rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of one stretch: a row of cells for CSV, one JSON text for JSON lines."""
    values: dict[str, Any] = {}
    for i, column in enumerate(export.columns):
        is_listed = export.form == "jsonl" and column.listed is not None
        values[f"c{i}"] = column.listed if is_listed else column.value
        if column.bare is not None:
            values[f"bare{i}"] = column.bare
    inner, parameters = rows.annotate(**values).values_list(*values).query.sql_with_params()
    # The fence keeps a value from being worked out anew wherever the outer row names it.
    fence = "OFFSET 0" if connection.vendor == "postgresql" else "LIMIT -1 OFFSET 0"
    write = _as_json if export.form == "jsonl" else _as_cells
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
        f"'{column.id}', json(c{i})" if column.is_json else f"'{column.id}', c{i}"
        for i, column in enumerate(export.columns)
    )
    return f"SELECT json_object({pairs}) FROM {rows} AS row"  # noqa: S608


# Control characters that JSON text never holds: then nothing in it needs quoting.
_COPY = {
    "csv": "COPY ({sql}) TO STDOUT WITH (FORMAT csv)",
    "jsonl": "COPY ({sql}) TO STDOUT WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')",
}


def _copied(export: Export, rows: QuerySet[Any]) -> Iterator[bytes]:
    sql, parameters = _select(export, rows)
    end = b"\r\n" if export.form == "csv" else b"\n"
    # Filled in by the driver: Django's debugging cursor copies no parameters.
    operations: Any = connection.ops  # PostgreSQL's, which know `compose_sql`
    statement = operations.compose_sql(_COPY[export.form].format(sql=sql), parameters)
    with transaction.atomic(), connection.cursor() as cursor:
        # So few rows of a large table are found by index, not by reading all of it.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        yield from _lines(cursor, statement, end)


def _lines(cursor: Any, statement: str, end: bytes) -> Iterator[bytes]:
    lines: list[memoryview] = []
    size = 0
    with cursor.copy(statement) as copy:
        for line in copy:  # PostgreSQL sends one message a row, ending in a newline
            lines.append(line[:-1])
            size += len(line)
            if size > _CHUNK:
                yield end.join(lines) + end
                lines, size = [], 0
    if lines:
        yield end.join(lines) + end


def _fetched(export: Export, rows: QuerySet[Any]) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(*_select(export, rows))
        while found := cursor.fetchmany(500):
            if export.form == "jsonl":
                yield "".join(f"{line}\n" for (line,) in found).encode()
            else:
                text = io.StringIO()
                csv.writer(text).writerows(found)
                yield text.getvalue().encode()
