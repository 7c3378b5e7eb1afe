"""The rows of a CSV file, read one after the other from wherever reading stopped before.

Only the lines of a quoted cell are ever held together, so a file may be long.
Every readable row survives an unreadable one before it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

MOST_LINES_OF_A_CELL = 200
_DELIMITERS = ",;\t|"
_LOOKED_AT = 50  # lines that tell the delimiter
_BLOCK = 1 << 18
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NOT_CP1252 = b"\x81\x8d\x8f\x90\x9d"
Row = tuple[int, Sequence[str], bool]
"""Its number from 1, its cells as they stand, and whether a quote in it never closed."""


class CsvRows:
    """All rows of a file, the heading and empty ones too.

    `place` is where an earlier reading stopped, as its `place()` told.
    """

    def __init__(
        self, source: BinaryIO, *, encoding: str = "", place: Mapping[str, Any] | None = None
    ) -> None:
        place = place or {}
        if place:
            codec, self.encoding = place["codec"], place["encoding"]
        else:
            codec, self.encoding = codec_of(source, encoding)
        source.seek(0)
        self._text = io.TextIOWrapper(source, codec, "replace")  # all line ends become "\n"
        self._codec = codec
        self._ahead: deque[str] = deque()
        self._delimiter: str = place.get("delimiter", "")
        self._row, self._width = place.get("row", 0), place.get("width", 0)
        if not place:
            self._begin()
        self._mark = int(place.get("mark", 0)), self._row, self._width
        self._since = 0  # rows read since the mark
        if place:
            self._text.seek(self._mark[0])
            self._skip(place["since"])
        else:
            self._note()

    def place(self) -> dict[str, Any]:
        """Return where the next row begins; plain values that can be stored."""
        self._note()
        mark, row, width = self._mark
        return {
            "codec": self._codec, "encoding": self.encoding, "delimiter": self._delimiter,
            "mark": str(mark), "row": row, "width": width, "since": self._since,
        }  # fmt: skip

    def __iter__(self) -> Iterator[Row]:
        while (row := self._next()) is not None:
            yield row

    def _begin(self) -> None:
        """Find the delimiter; leave the file at its first row."""
        first = [self._text.readline().lstrip("\ufeff")]
        told = first[0].strip()
        if first[0].lower().startswith("sep=") and len(told) == 5:
            self._delimiter, self._row = told[4], 1  # Excel's own way to name the delimiter
            return
        first += [self._text.readline() for _line in range(_LOOKED_AT - 1)]
        self._delimiter = delimiter_of([line.rstrip("\n") for line in first])
        self._text.seek(0)

    def _note(self) -> None:
        """Remember this place, unless lines that come after it were looked at already."""
        if not self._ahead:
            self._mark, self._since = (self._text.tell(), self._row, self._width), 0

    def _skip(self, rows: int) -> None:
        for _row in range(rows):
            self._next()

    def _next(self) -> Row | None:
        line = self._line(0)
        if line is None:
            return None
        self._row += 1
        if self._row == 1:
            line = self._ahead[0] = line.lstrip("\ufeff")
        cells, used, is_torn = self._cells(line)
        for _line in range(used):
            self._ahead.popleft()
        self._since += 1
        self._width = self._width or len(cells)
        return self._row, cells, is_torn

    def _line(self, index: int) -> str | None:
        """Return the line so many after the place we are at, None after the last."""
        while len(self._ahead) <= index:
            line = self._text.readline()
            if not line:
                return None
            self._ahead.append(line.rstrip("\n"))
        return self._ahead[index]

    def _cells(self, line: str) -> tuple[Sequence[str], int, bool]:
        """Return the cells of the record that starts here, the lines it took, is it torn."""
        if '"' not in line:
            return line.split(self._delimiter), 1, False
        lines: list[str] = []
        while len(lines) < MOST_LINES_OF_A_CELL:
            following = self._line(len(lines))
            if following is None:
                break
            lines.append(following)
            if '"' not in following:
                continue  # no closing mark here
            try:
                cells = _split("\n".join(lines), self._delimiter, strict=True)
            except csv.Error as error:
                if "unexpected end" in str(error):
                    continue
                break
            if len(lines) == 1 or not _swallows_rows(lines[1:], self._delimiter, self._width):
                return cells, len(lines), False
            break
        # Its quotes make no sense: only this one line is given up, those after it survive.
        try:
            cells = _split(line, self._delimiter, strict=False)
            return cells, 1, _is_open(line, self._delimiter)
        except csv.Error:
            return [line], 1, True


def codec_of(source: BinaryIO, encoding: str = "") -> tuple[str, str]:
    """Return the codec that reads a file, and the encoding as people call it."""
    source.seek(0)
    start = source.read(2000)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), "")
    if name := encoding or marked:
        own = "utf-16-be" if start.startswith(b"\xfe\xff") else "utf-16-le"
        return own if name == "utf-16" else name, name
    if start[1::2].count(0) > len(start) // 3:
        return "utf-16-le", "utf-16"
    if start[::2].count(0) > len(start) // 3:
        return "utf-16-be", "utf-16"
    name = _first_that_fits(source)
    return name, name


def _first_that_fits(source: BinaryIO) -> str:
    utf8 = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = is_cp1252 = True
    source.seek(0)
    while (is_utf8 or is_cp1252) and (block := source.read(_BLOCK)):
        is_cp1252 = is_cp1252 and len(block.translate(None, _NOT_CP1252)) == len(block)
        is_utf8 = is_utf8 and _decodes(utf8, block)
    if is_utf8 and _decodes(utf8, b"", is_last=True):
        return "utf-8"
    return "cp1252" if is_cp1252 else "latin-1"


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, is_last: bool = False) -> bool:
    try:
        decoder.decode(block, is_last)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(lines: Sequence[str]) -> str:
    """Return the delimiter that splits the first rows most evenly; a comma when none does."""
    sample = [line for line in lines[:_LOOKED_AT] if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [_outside_quotes(line).count(delimiter) for line in sample]
        head = counts[0] if counts else 0
        return (sum(count == head for count in counts) if head else 0, head)

    return max(_DELIMITERS, key=evenness)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


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
