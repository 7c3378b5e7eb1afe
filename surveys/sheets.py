"""A table file (CSV or XLSX) into rows of cells, one after the other. Pure.

Row numbers are those a spreadsheet shows: the header is row 1, empty rows
count. Every readable row survives an unreadable one before it. However long a
file is, only the row at hand is held.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from surveys import workbook
from surveys.csv_rows import CsvRows
from surveys.workbook import Cell, SheetRows

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELL = 10_000  # characters
SAMPLE = 50  # rows that are looked at to guess what columns hold
# What a spreadsheet takes for a formula, also in full width, and what it may skip before it.
DANGER = "=+-@\t\r\n＝＋－＠"
SKIPPED = " \u00a0\u200b\u2060\ufeff\"'`‘’“”„«»"
_FORMULA = re.compile(f"[{re.escape(SKIPPED)}]*[{re.escape(DANGER)}]")
_ADDRESS = re.compile(r"(mailto:)?[^\s@]+@[^\s@]+\.[^\s@.]+|.*<[^\s@]+@[^\s@]+>")
_BLANK = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256")
Place = Mapping[str, Any]
"""Where reading stopped; empty at the beginning."""


class Unreadable(Exception):
    """The file as a whole is no table; the text says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number in the file and its cells. `is_torn`: a quote never closed."""

    row: int
    cells: tuple[Cell, ...]
    is_torn: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: column headings (never empty, never twice) and the rows below them.

    `rows` there are; `records` are all of them or, where it says so, the first.
    """

    header: tuple[str, ...]
    records: tuple[Record, ...]
    encoding: str  # "" for XLSX
    rows: int


def read(data: bytes, *, encoding: str = "") -> Sheet:
    """Return the table in a file, its encoding guessed unless named. Unreadable otherwise."""
    return look(io.BytesIO(data), encoding=encoding, most=MOST_ROWS)


def look(
    source: BinaryIO, *, encoding: str = "", most: int = SAMPLE, most_rows: int = MOST_ROWS
) -> Sheet:
    """Go through a file once and return its table with the first `most` records. As read."""
    table = Table(source, encoding=encoding)
    head: Record | None = None
    first: list[Record] = []
    width = rows = 0
    for record in table.filled():
        head = head or record
        width = max(width, len(record.cells))
        rows += 1
        if rows > most_rows:
            raise Unreadable(
                _("The file has more than %(most)s rows. Split it and upload the parts.")
                % {"most": f"{most_rows:,}"}
            )
        if len(first) <= most:
            first.append(record)
    if head is None:
        raise Unreadable(_("The file has no cells with text in them."))
    if is_heading(head):
        rows, first = rows - 1, first[1:]
        if not rows:
            raise Unreadable(_("There is a row of headings and nothing below it."))
    else:
        head = Record(0, ())
    header = _headings(head.cells, min(width, MOST_COLUMNS))
    return Sheet(header, tuple(first[:most]), table.encoding, rows)


def is_heading(first: Record) -> bool:
    """Return whether the first row of a file names columns: none of its cells is an address."""
    return not any(_ADDRESS.fullmatch(str(cell)) for cell in first.cells)


class Table:
    """The rows of an open file, from where an earlier reading stopped. Unreadable for no table."""

    def __init__(self, source: BinaryIO, *, encoding: str = "", place: Place | None = None) -> None:
        self._is_at_start = not place
        if self._is_at_start:
            _refuse(source)
        source.seek(0)
        self._rows: SheetRows | CsvRows
        if source.read(4) == b"PK\x03\x04":
            self._rows = SheetRows(source, most_columns=MOST_COLUMNS, place=place)
        else:
            self._rows = CsvRows(source, encoding=encoding, place=place)
        self.encoding = self._rows.encoding

    def records(self) -> Iterator[Record]:
        """Yield the rows that have any cells below the headings."""
        rows = self.filled()
        if self._is_at_start and (first := next(rows, None)) and not is_heading(first):
            yield first
        yield from rows

    def filled(self) -> Iterator[Record]:
        """Yield the same, the row of headings first."""
        return _of_csv(self._rows) if isinstance(self._rows, CsvRows) else _of_xlsx(self._rows)

    def place(self) -> Place:
        """Return where the next record begins; plain values that can be stored."""
        return self._rows.place()


def _headings(cells: Sequence[Cell], width: int) -> tuple[str, ...]:
    taken: list[str] = []
    for index in range(max(width, 1)):
        text = " ".join(str(cells[index]).split()) if index < len(cells) else ""
        name = text[:120] or _("Column %(number)s") % {"number": index + 1}
        again = sum(name == other.rsplit(" (", 1)[0] or name == other for other in taken)
        taken.append(f"{name} ({again + 1})" if again else name)
    return tuple(taken)


def _of_csv(rows: CsvRows) -> Iterator[Record]:
    for row, cells, is_torn in rows:
        clean = tuple(meant_cell(clean_text(cell)) for cell in cells)
        if any(clean):
            yield Record(row, clean, is_torn)


def _of_xlsx(rows: SheetRows) -> Iterator[Record]:
    try:
        for row, cells in rows:
            clean = tuple(clean_text(cell) if isinstance(cell, str) else cell for cell in cells)
            if any(cell != "" for cell in clean):
                yield Record(row, clean)
    except workbook.NotAWorkbook as error:
        raise Unreadable(_what_else(error.kind)) from error
    except workbook.BROKEN as error:
        raise Unreadable(
            _("The Excel file is damaged or of another kind. Open it, save it as .xlsx and retry.")
        ) from error


# ---- Cells ---------------------------------------------------------------------------------------


def clean_text(text: str) -> str:
    """Return a cell without control and invisible characters, trimmed; line ends become spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()[:MOST_CELL]
    kept = (
        " " if char in "\n\t\r\u00a0" else char
        for char in text[:MOST_CELL]
        if char in "\n\t\r" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `meant_cell` takes the mark off."""
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def meant_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


# ---- What is no table ----------------------------------------------------------------------------


def _refuse(source: BinaryIO) -> None:
    if source.seek(0, io.SEEK_END) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 20 MB. Split it and upload the parts."))
    source.seek(0)
    if not any(block.strip(_BLANK) for block in iter(lambda: source.read(1 << 18), b"")):
        raise Unreadable(_("The file is empty."))
    source.seek(0)
    data = source.read(8)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            _("This is an old or password-protected Excel file. Save it as .xlsx without password.")
        )
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")):
        raise Unreadable(_("This is no table. Upload a CSV file or an Excel file (.xlsx)."))


def _what_else(kind: str) -> str:
    return {
        "ods": _("This is an OpenDocument file. Save it as .xlsx or CSV."),
        "zip": _("This is a ZIP file, not a table. Upload the CSV or .xlsx file that is in it."),
        "huge": _("The Excel file unpacks to far too much. Save it as CSV and upload that."),
    }[kind]
