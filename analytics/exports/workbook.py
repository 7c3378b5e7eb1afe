"""An Excel workbook from typed JSON lines, written row by row to a temporary file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from analytics.exports.cells import Column

SHEET_ROWS = 1_000_000  # Excel's own limit is 1,048,576
LONGEST = 32_767  # characters Excel keeps in a cell
_CHUNK = 262_144
_TITLE = 25  # characters: Excel's 31, less a number


def workbook(lines: Iterable[bytes], columns: Sequence[Column], *, title: str) -> Iterator[bytes]:
    """Yield a workbook. Texts are texts, also those that look like formulas; times are UTC.

    A further sheet begins after a million rows. A cell keeps the first 32,767
    characters, which is all Excel takes.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    title = title[:_TITLE]
    sheet: Any = None
    written = SHEET_ROWS
    for row in _rows(lines):
        if written == SHEET_ROWS:
            sheet, written = _sheet(book, columns, title), 0
        sheet.append([_cell(sheet, row.get(column.id), column) for column in columns])
        written += 1
    if sheet is None:
        _sheet(book, columns, title)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece


def _rows(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for piece in lines:
        for line in piece.split(b"\n"):
            if line:
                yield json.loads(line)


def _sheet(book: Any, columns: Sequence[Column], title: str) -> Any:
    sheet = book.create_sheet(f"{title} {len(book.sheetnames) + 1}" if book.sheetnames else title)
    sheet.freeze_panes = "A2"
    sheet.append([_text(sheet, column.id) for column in columns])
    return sheet


def _cell(sheet: Any, value: Any, column: Column) -> Any:
    if value is None or value == "":
        return None
    match column.type:
        case "instant":
            # Excel knows no zones: like all times that leave, it is UTC.
            return datetime.fromisoformat(value).replace(tzinfo=None)
        case "date":
            return date.fromisoformat(value)
        case "digits":
            return int(value)
        case "decimal":
            return Decimal(value)
        case "texts":
            return _text(sheet, " | ".join(value))
        case "text" | "json" | "moment":
            return _text(sheet, str(value))
    return value


def _text(sheet: Any, text: str) -> Any:
    """Return a cell that stays a text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(sheet)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:LONGEST]
    cell.data_type = "s"
    return cell
