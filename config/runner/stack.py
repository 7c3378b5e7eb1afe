"""Start processes as forks of this one, watch them, stop them together and in order.

Forks share the code and data loaded before: five processes cost little more
memory than two. That is why this is not a process manager that starts
commands; what it does beyond forking fits on a page.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from config.runner import record

# Work in hand ends within the drain's slice (outbox.drain) and one mail's time-out.
STOP_SECONDS = 20
_LOOK_SECONDS = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_fork = multiprocessing.get_context("fork")


def in_a_fork(run: Callable[[], str]) -> str:
    """Return what the function returns, done in a fork that takes its memory with it.

    SystemExit with the fork's code when it failed; it has said why.
    """
    receiving, sending = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_send, args=(run, sending))
    process.start()
    sending.close()
    with suppress(EOFError):
        result = str(receiving.recv())
    process.join()
    if process.exitcode:
        raise SystemExit(1)
    return result


def _send(run: Callable[[], str], sending: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sending.send(run())


class Stack:
    """Processes that live and end together; each leads a session of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._processes: dict[str, BaseProcess] = {}
        self.was_asked_to_stop = False

    def add(self, name: str, run: Callable[[], object]) -> None:
        """Add a process; the first one added is the last one stopped."""
        self._processes[name] = _fork.Process(target=_lead, args=(run,), name=name)

    def run(self, *, when_started: Callable[[], None]) -> None:
        """Run until a signal asks to stop or a process ends. `when_started` runs in a thread."""
        for number in _SIGNALS:
            signal.signal(number, self._stop)
        gc.collect()
        gc.freeze()  # forks then leave these pages alone, and share them
        for process in self._processes.values():
            process.start()
        self._write_down()
        # After the forks: a thread must not be there when they happen.
        threading.Thread(target=when_started, daemon=True).start()
        while not self.was_asked_to_stop and not self.ended():
            time.sleep(_LOOK_SECONDS)
        self._end_all()
        record.forget(self._directory)

    def ended(self) -> list[str]:
        """Return the names of processes that have ended, with their exit codes."""
        codes = {name: process.exitcode for name, process in self._processes.items()}
        return [f"{name} ({code})" for name, code in codes.items() if code is not None]

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.was_asked_to_stop:  # asked again: at once
            self._kill_all()
        self.was_asked_to_stop = True

    def _write_down(self) -> None:
        known = [record.know("up", os.getpid())]
        known += [record.know(p.name, p.pid) for p in self._processes.values() if p.pid]
        record.write(self._directory, known)

    def _end_all(self) -> None:
        """Stop all but the first, what they lean on, and then the first."""
        first, *others = self._processes.values()
        for some in (others, [first]):
            for process in some:
                process.terminate()
            for process in some:
                process.join(STOP_SECONDS)
        self._kill_all()

    def _kill_all(self) -> None:
        for process in self._processes.values():
            if process.pid:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def _lead(run: Callable[[], object]) -> None:
    """Be a process of our own, deaf to the terminal's Ctrl-C; then run."""
    os.setsid()
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    run()
