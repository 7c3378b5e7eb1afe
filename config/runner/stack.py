"""Start everything through honcho's Manager, say when it is ready, stop it together."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import honcho.manager
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

from config.runner import record
from config.runner.children import Forked

# Work in hand ends within the drain's slice (outbox.drain) and one mail's time-out.
STOP_SECONDS = 20
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where to ask instead


class QuietPrinter(Printer):  # type: ignore[misc]
    """Pass on what the processes say, but not honcho's own talk and Celery's farewell."""

    def write(self, message: Message) -> None:
        text = (
            message.data.decode("utf-8", "replace") if message.name != SYSTEM_PRINTER_NAME else ""
        )
        if text.strip() and not text.startswith("worker: "):
            super().write(message)


class LeaderSignals:
    """Signal the process, not its group: gunicorn and Celery end their own children in order."""

    def terminate(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


class Stack(Manager):  # type: ignore[misc]
    """honcho's Manager running forks; keeps the record of what runs (config.runner.record)."""

    def __init__(
        self, directory: Path, *, address: tuple[str, int], when_ready: Callable[[], None]
    ) -> None:
        multiprocessing.set_start_method("fork", force=True)  # the default up to Python 3.13
        super().__init__(printer=QuietPrinter(sys.stdout))
        self._announcing = threading.Thread(
            target=_announce, args=(address, when_ready), daemon=True
        )
        self._procmgr = LeaderSignals()
        self._directory = directory
        self._known = [record.know("up", os.getpid())]
        record.write(directory, self._known)

    def add(self, name: str, run: Callable[[], object]) -> None:
        process = self.add_process(name, "")
        process._child_ctor = partial(_forked, run)

    def _start(self) -> None:
        super()._start()
        self._announcing.start()  # after the forks: a thread must not be there when they happen

    def _system_print(self, data: str) -> None:
        super()._system_print(data)
        self._note()

    def _note(self) -> None:
        """Write down every process that has said it started."""
        known = {process.pid for process in self._known}
        fresh = [
            record.know(name, state["pid"])
            for name, state in self._processes.items()
            if "pid" in state and state["pid"] not in known
        ]
        if fresh:
            self._known += fresh
            record.write(self._directory, self._known)

    @property
    def was_asked_to_stop(self) -> bool:
        return self.returncode in (130, 143)

    def ended_by_itself(self) -> list[str]:
        """Return the names of processes that ended with an error."""
        return [
            f"{name} ({state['returncode']})"
            for name, state in self._processes.items()
            if state.get("returncode")
        ]


def _forked(run: Callable[[], object], command: str, **_: Any) -> Forked:
    return Forked(run)


def run(stack: Stack) -> int:
    """Run until Ctrl-C, TERM or the end of a process; return the exit code for the shell."""
    honcho.manager.KILL_WAIT = STOP_SECONDS
    gc.collect()
    gc.freeze()  # forks then leave these pages alone, and share them
    stack.loop()
    return 0 if stack.was_asked_to_stop else 1


def _announce(address: tuple[str, int], when_ready: Callable[[], None]) -> None:
    while not _answers(*address):
        time.sleep(0.1)
    when_ready()


def _answers(host: str, port: int) -> bool:
    """Return whether a web server speaks there; what it says is /healthz's business."""
    connection = HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
