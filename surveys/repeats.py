"""Which rows of a file stand in it again further down, held as some bytes a row. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

_BYTES = 16  # of a key's digest: no two keys of a file share one by chance


class Repeats:
    """Row -> the last row that says the same, of rows that are not the last themselves."""

    def __init__(self, pairs: Any) -> None:
        """`pairs` is an array of rows, in order, and one of the rows that count instead."""
        self._rows, self._last = pairs

    def last_of(self, row: int) -> int | None:
        """Return the row that counts instead, None where this one does."""
        place = int(self._rows.searchsorted(row))
        is_known = place < len(self._rows) and self._rows[place] == row
        return int(self._last[place]) if is_known else None

    def packed(self) -> bytes:
        return bytes(self._rows.tobytes() + self._last.tobytes())


def unpacked(stored: bytes) -> Repeats:
    """Return what was packed."""
    import numpy

    return Repeats(numpy.frombuffer(stored, "<u4").reshape(2, -1))


def find_repeats(keys: Iterable[tuple[int, str]]) -> Repeats:
    """Return what repeats, told each row, from the first, with what it must not share."""
    import numpy

    told, digests = array("I"), bytearray()
    for row, key in keys:
        told.append(row)
        digests += blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
    if not told:
        return Repeats(numpy.empty((2, 0), "<u4"))
    rows = numpy.frombuffer(told, numpy.uintc).astype("<u4", copy=False)
    halves = numpy.frombuffer(digests, "<u8").reshape(-1, 2).T
    order = numpy.lexsort((rows, *halves))  # those of one key in a run
    is_repeated = numpy.ones(len(rows) - 1, bool)
    for half in halves:
        ordered = half[order]
        is_repeated &= ordered[1:] == ordered[:-1]
    ends = numpy.append(~is_repeated, True).nonzero()[0]  # where each run ends
    earlier = is_repeated.nonzero()[0]
    last = rows[order[ends[numpy.searchsorted(ends, earlier)]]]
    again = rows[order[earlier]]
    by_row = numpy.argsort(again)
    return Repeats((again[by_row], last[by_row]))
