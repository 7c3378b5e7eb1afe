"""A real Celery worker with its scheduler, as a process of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import Program


class Worker:
    """`env` must name settings, database and broker (REDIS_URL)."""

    def __init__(
        self, env: Mapping[str, str], *, concurrency: int = 1, with_beat: bool = True
    ) -> None:
        directory = Path(tempfile.mkdtemp(prefix="verbatim-worker-"))
        self._env = dict(env)
        self._log = directory / "log"
        self._command = [
            sys.executable, "-m", "celery", "-A", "config", "worker",
            "--concurrency", str(concurrency), "--without-gossip", "--without-mingle",
            "--loglevel", "INFO", "--hostname", f"{directory.name}@%h",
        ]  # fmt: skip
        if with_beat:
            self._command += ["-B", "--schedule", str(directory / "schedule")]
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        assert self._program is not None, "not started"
        return self._program

    def start(self) -> None:
        self._program = Program(self._command, log=self._log, env=self._env)
        started = len(self.output().split(" ready.")) - 1
        self._program.wait_ready(lambda: self.output().count(" ready.") > started)

    def start_without_waiting(self) -> None:
        """For brokers that are away: the worker is never "ready", but must come to work."""
        self._program = Program(self._command, log=self._log, env=self._env)

    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """kill -9 to the main process and every child."""
        self.program.kill()

    def stop(self) -> None:
        if self._program:
            self._program.stop()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._log.parent, ignore_errors=True)


@contextmanager
def worker_process(
    env: Mapping[str, str], *, concurrency: int = 1, with_beat: bool = True
) -> Iterator[Worker]:
    worker = Worker(env, concurrency=concurrency, with_beat=with_beat)
    try:
        worker.start()
        yield worker
    finally:
        worker.remove()
