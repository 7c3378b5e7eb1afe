"""Kinds of work whose effects are lines in a file: an independent witness of what was done.

The file named by SINK_FILE gets one line per effect, `kind subject`, written
with one O_APPEND write. What a job does besides is in its detail: `raise`,
`die` (kill -9 to its own process), `die-once`, `sleep:SECONDS`.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from outbox import registry
from outbox.claims import hand_over
from outbox.registry import Handler, Once, Setback, Work

REPEATABLE, AT_MOST, FRAIL = "sink", "sink-once", "sink-frail"  # frail: given up after 3


def register_kinds() -> None:
    registry.register(Handler(REPEATABLE, do, batch=50, once=Once.REPEATABLE, lease_seconds=2))
    registry.register(
        Handler(FRAIL, do, batch=50, once=Once.REPEATABLE, lease_seconds=2, max_attempts=3)
    )
    registry.register(
        Handler(AT_MOST, do_once, batch=10, once=Once.AT_MOST, queue="mail", lease_seconds=2)
    )


def unregister_kinds() -> None:
    for kind in (REPEATABLE, AT_MOST, FRAIL):
        registry._handlers.pop(kind, None)


def do(work: Sequence[Work], by: str) -> Sequence[Setback]:
    for item in work:
        _behave(item)
        _write(REPEATABLE, item.subject_id)
    return ()


def do_once(work: Sequence[Work], by: str) -> Sequence[Setback]:
    for item in work:
        if hand_over([item.id], by=by, lease_seconds=2):
            _write(AT_MOST, item.subject_id)
            _behave(item)
    return ()


def _behave(item: Work) -> None:
    match item.detail.split(":"):
        case ["raise"]:
            raise ValueError(f"job {item.subject_id} cannot be done")
        case ["die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["die-once"] if item.attempts == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["sleep", seconds]:
            time.sleep(float(seconds))


def _write(kind: str, subject_id: int) -> None:
    descriptor = os.open(os.environ["SINK_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{kind} {subject_id}\n".encode())
    finally:
        os.close(descriptor)


def effects(file: Path, kind: str = REPEATABLE) -> Counter[int]:
    """Return how often each subject's effect is in the file."""
    if not file.exists():
        return Counter()
    rows = (line.split() for line in file.read_text().splitlines())
    return Counter(int(subject) for written, subject in rows if written == kind)
