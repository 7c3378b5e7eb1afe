"""Which mails of a batch had begun to leave: a file that outlives the process that wrote it.

Many mails are handed over in one commit. A kill in their middle would leave
all of them doubtful, were it not for this file: each mail's number is written
before its mail leaves, and the next one's says that it went well. Only the
last one written is in doubt.

What it says is taken for true only if nothing can be missing from it: the
process that wrote it is gone (it held a lock on the file as long as it lived)
and this is the same machine, not restarted since (a power cut can swallow
what was never flushed to the disk). Otherwise everybody stays in doubt.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from django.conf import settings

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_KEPT_SECONDS = 86_400  # then nobody will ask for it any more


class Logbook:
    """The file of one claimed batch. Use as a context manager; an exception leaves it behind.

    Where none can be kept (no such kernel, no place to write) `is_kept` is False.
    """

    def __init__(self, claimant: str) -> None:
        self._claimant = claimant
        self._file: int | None = None

    @property
    def is_kept(self) -> bool:
        return self._file is not None

    def __enter__(self) -> Logbook:
        with suppress(OSError):
            boot = _BOOT.read_text().strip()
            _directory().mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            opened = os.open(_path(self._claimant), flags, 0o600)
            fcntl.flock(opened, fcntl.LOCK_EX)
            os.write(opened, f"{boot}\n".encode())
            self._file = opened
        return self

    def begin(self, invitation_id: int) -> None:
        """Write down that this mail leaves now, and that the one before it went well."""
        if self._file is not None:
            os.write(self._file, b"%d\n" % invitation_id)

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        if kind is None:
            forget(self._claimant)
        os.close(self._file)


def begun(claimant: str) -> Sequence[int] | None:
    """Return which mails a process that is gone began to send, in order; None: nobody knows."""
    try:
        with open(_path(claimant), encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            boot, *lines = file.read().split("\n")[:-1]
            return [int(line) for line in lines] if boot == _BOOT.read_text().strip() else None
    except (OSError, ValueError):
        return None


def forget(claimant: str) -> None:
    """Delete the file of a batch that is settled, and those nobody asked for within a day."""
    with suppress(OSError):
        _path(claimant).unlink()
        for path in _directory().iterdir():
            if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                path.unlink()


def _directory() -> Path:
    return Path(settings.DATA_DIR) / "sending"


def _path(claimant: str) -> Path:
    return _directory() / claimant.replace(os.sep, "_")
