"""A table file (CSV or XLSX, as bytes) into rows of cells. Pure.

Row numbers are those a spreadsheet shows: the header is row 1, empty rows
count. Every readable row survives an unreadable one before it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from surveys import workbook
from surveys.workbook import Cell

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELL = 10_000  # characters
_MOST_LINES_OF_A_CELL = 200
_DELIMITERS = ",;\t|"
_FORMULA = re.compile("[=+@\\t\\r-]")
_ADDRESS = re.compile(r"(mailto:)?[^\s@]+@[^\s@]+\.[^\s@.]+|.*<[^\s@]+@[^\s@]+>")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256")


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
    """A table: column headings (never empty, never twice) and the rows below them."""

    header: tuple[str, ...]
    records: tuple[Record, ...]
    encoding: str  # "" for XLSX


def read(data: bytes, *, encoding: str = "") -> Sheet:
    """Return the table in a file, its encoding guessed unless named. Unreadable otherwise."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 20 MB. Split it and upload the parts."))
    _refuse_other_formats(data)
    if data.startswith(b"PK\x03\x04"):
        return _table(_xlsx_records(data), "")
    text, name = decode(data, encoding)
    return _table(_csv_records(text), name)


def _refuse_other_formats(data: bytes) -> None:
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(_("The file is empty."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            _("This is an old or password-protected Excel file. Save it as .xlsx without password.")
        )
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")):
        raise Unreadable(_("This is no table. Upload a CSV file or an Excel file (.xlsx)."))


def _table(records: Iterable[Record], encoding: str) -> Sheet:
    filled = [record for record in records if any(cell != "" for cell in record.cells)]
    if not filled:
        raise Unreadable(_("The file has no cells with text in them."))
    if len(filled) > MOST_ROWS:
        raise Unreadable(
            _("The file has more than %(most)s rows. Split it and upload the parts.")
            % {"most": f"{MOST_ROWS:,}"}
        )
    head, below = filled[0], filled[1:]
    if any(_ADDRESS.fullmatch(str(cell)) for cell in head.cells):  # a file without headings
        head, below = Record(0, ()), filled
    elif not below:
        raise Unreadable(_("There is a row of headings and nothing below it."))
    width = min(max(len(record.cells) for record in filled), MOST_COLUMNS)
    return Sheet(_headings(head.cells, width), tuple(below), encoding)


def _headings(cells: Sequence[Cell], width: int) -> tuple[str, ...]:
    taken: list[str] = []
    for index in range(max(width, 1)):
        text = " ".join(str(cells[index]).split()) if index < len(cells) else ""
        name = text[:120] or _("Column %(number)s") % {"number": index + 1}
        again = sum(name == other.rsplit(" (", 1)[0] or name == other for other in taken)
        taken.append(f"{name} ({again + 1})" if again else name)
    return tuple(taken)


# ---- CSV ----------------------------------------------------------------------------------------


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """Return the text and the encoding it was read with; never fails."""
    if encoding:
        return data.decode(encoding, "replace").lstrip("\ufeff"), encoding
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace").lstrip("\ufeff"), name
    start = data[:2000]
    if start[1::2].count(0) > len(start) // 3:
        return data.decode("utf-16-le", "replace"), "utf-16"
    if start[::2].count(0) > len(start) // 3:
        return data.decode("utf-16-be", "replace"), "utf-16"
    for name in ("utf-8", "cp1252"):
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _csv_records(text: str) -> Iterator[Record]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    skipped = 0
    delimiter = ""
    if lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        skipped, delimiter = 1, lines[0].strip()[4]  # Excel's own way to name the delimiter
    delimiter = delimiter or delimiter_of(lines)
    at, row, width = skipped, skipped, 0
    while at < len(lines):
        row += 1
        cells, used, is_torn = _cells(lines, at, delimiter, width)
        at += used
        clean = tuple(meant_cell(clean_text(cell)) for cell in cells)
        width = width or len(clean)
        yield Record(row, clean, is_torn)


def delimiter_of(lines: Sequence[str]) -> str:
    """Return the delimiter that splits the first rows most evenly; a comma when none does."""
    sample = [line for line in lines[:50] if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [_outside_quotes(line).count(delimiter) for line in sample]
        head = counts[0] if counts else 0
        return (sum(count == head for count in counts) if head else 0, head)

    return max(_DELIMITERS, key=evenness)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _cells(
    lines: Sequence[str], at: int, delimiter: str, width: int
) -> tuple[Sequence[str], int, bool]:
    """Return the cells of the record that starts at a line, the lines it took, is it torn."""
    line = lines[at]
    if '"' not in line:
        return line.split(delimiter), 1, False
    for used in range(1, min(_MOST_LINES_OF_A_CELL, len(lines) - at) + 1):
        if '"' not in lines[at + used - 1]:
            continue  # no closing mark here
        try:
            cells = _split("\n".join(lines[at : at + used]), delimiter, strict=True)
        except csv.Error as error:
            if "unexpected end" in str(error):
                continue
            break
        if used == 1 or not _swallows_rows(lines[at + 1 : at + used], delimiter, width):
            return cells, used, False
        break
    # Its quotes make no sense: only this one line is given up, those after it survive.
    try:
        return _split(line, delimiter, strict=False), 1, _is_open(line, delimiter)
    except csv.Error:
        return [line], 1, True


def _swallows_rows(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """True when lines inside one quoted cell are plainly rows of their own."""
    return width > 1 and any(
        "@" in line and '"' not in line and line.count(delimiter) == width - 1 for line in lines
    )


def _split(text: str, delimiter: str, *, strict: bool) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter, strict=strict))


def _is_open(line: str, delimiter: str) -> bool:
    try:
        _split(line, delimiter, strict=True)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


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


# ---- XLSX ----------------------------------------------------------------------------------------


def _xlsx_records(data: bytes) -> list[Record]:
    try:
        rows = workbook.rows_of(data, most_columns=MOST_COLUMNS)
        return [
            Record(row, tuple(clean_text(c) if isinstance(c, str) else c for c in cells))
            for row, cells in rows
        ]
    except workbook.NotAWorkbook as error:
        raise Unreadable(_what_else(error.kind)) from error
    except workbook.BROKEN as error:
        raise Unreadable(
            _("The Excel file is damaged or of another kind. Open it, save it as .xlsx and retry.")
        ) from error


def _what_else(kind: str) -> str:
    return {
        "ods": _("This is an OpenDocument file. Save it as .xlsx or CSV."),
        "zip": _("This is a ZIP file, not a table. Upload the CSV or .xlsx file that is in it."),
        "huge": _("The Excel file unpacks to far too much. Save it as CSV and upload that."),
    }[kind]
