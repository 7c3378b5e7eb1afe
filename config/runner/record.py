"""Which processes run here, written down so that a crash leaves nothing behind for long.

A process id alone proves nothing, it may be another's by now. Together with
the moment the process started (from the kernel) it is one process only.
"""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "processes.json"
_PATIENCE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Known:
    """One process: `started` is in clock ticks since boot, as /proc counts."""

    name: str
    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        return started_at(self.pid) == self.started


def started_at(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = stat.rsplit(")", 1)[1].split()
    return 0 if fields[0] == "Z" else int(fields[19])


def know(name: str, pid: int) -> Known:
    return Known(name, pid, started_at(pid))


def write(directory: Path, processes: list[Known]) -> None:
    """Replace the record, whole or not at all."""
    unfinished = directory / f"{_FILE}.tmp"
    unfinished.write_text(json.dumps([asdict(process) for process in processes]))
    unfinished.replace(directory / _FILE)


def read(directory: Path) -> list[Known]:
    """Return the processes of the record that are still the same processes."""
    try:
        known = [Known(**row) for row in json.loads((directory / _FILE).read_text())]
    except (OSError, ValueError, TypeError):
        return []  # none yet, or a damaged one, which proves nothing
    return [process for process in known if process.is_alive]


def forget(directory: Path) -> None:
    (directory / _FILE).unlink(missing_ok=True)


def end(processes: list[Known]) -> None:
    """Stop these processes and all they have forked: politely, then for sure."""
    everyone = [member for process in processes for member in _session(process)]
    for process in processes:
        _signal(process, signal.SIGTERM)
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while any(member.is_alive for member in everyone) and time.monotonic() < ends_at:
        time.sleep(0.05)
    for member in everyone:
        _signal(member, signal.SIGKILL)


def _session(leader: Known) -> list[Known]:
    """Return the processes of the session this process leads, itself included."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [know(leader.name, pid) for pid in pids if _session_of(pid) == leader.pid]


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return 0


def _signal(process: Known, number: int) -> None:
    if process.is_alive:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)
