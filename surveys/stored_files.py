"""An uploaded file, read from its row in the database a block at a time."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

from django.db.models import BinaryField
from django.db.models.functions import Length, Substr

from surveys.models.files import TableFile

_BLOCK = 1 << 20  # bytes asked of the database at a time


def open_stored(file: TableFile) -> BinaryIO:
    """Return the bytes of a file; none of a file that is worked through or stopped."""
    return cast("BinaryIO", io.BufferedReader(_Stored(file), _BLOCK))


class _Stored(io.RawIOBase):
    def __init__(self, file: TableFile) -> None:
        self._rows = type(file)._default_manager.filter(pk=file.pk)
        self._size = int(self._rows.values_list(Length("data"), flat=True).get() or 0)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        wanted = Substr("data", self._at + 1, len(buffer), output_field=BinaryField())
        found = bytes(self._rows.values_list(wanted, flat=True).first() or b"")
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
