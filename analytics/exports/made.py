"""Rows that are computed, not stored: metrics, accounts. Written like those of the database.

They come in batches of their maker's own size, so that memory does not grow
and a worker that was killed goes on behind the last batch.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from analytics.exports.cells import Column, safe

Row = Mapping[str, Any]
Place = Sequence[Any]
"""Where a batch ended, in plain JSON; its maker knows what follows."""


class Batch(NamedTuple):
    """Some rows by column id, and the place to go on from: None when no row follows."""

    rows: Sequence[Row]
    last: Place | None


@dataclass(frozen=True, slots=True)
class Made:
    """`after(None)` returns the first batch, `after(batch.last)` the next one."""

    count: Callable[[], int]
    after: Callable[[Place | None], Batch]


def written(rows: Sequence[Row], columns: Sequence[Column], form: str, *, is_raw: bool) -> bytes:
    """Return rows as they stand in a file: "csv", "jsonl", or "typed" with documents as texts."""
    if form != "csv":
        return "".join(_lines(rows, columns, is_typed=form == "typed")).encode()
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_cell(row[column.id], column, is_raw=is_raw) for column in columns])
    return text.getvalue().encode()


def _lines(rows: Sequence[Row], columns: Sequence[Column], *, is_typed: bool) -> Iterator[str]:
    as_text = {column.id for column in columns if is_typed and column.type == "json"}
    for row in rows:
        told = {
            column.id: _document(row[column.id]) if column.id in as_text else row[column.id]
            for column in columns
        }
        yield _document(told) + "\n"


def _document(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _cell(value: Any, column: Column, *, is_raw: bool) -> Any:
    if value is None or value == "":
        return None
    if column.type in ("json", "flag"):
        return _document(value)
    return safe(value) if column.is_text and not is_raw else value
