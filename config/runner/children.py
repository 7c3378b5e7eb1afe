"""What `make run` starts, each as a fork of the process that has loaded Django.

Forks share the loaded code: five processes cost little more memory than two.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import IO, Any, NoReturn

from celery import bootsteps
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from gunicorn.app.base import BaseApplication

THREADS = 8


class Forked:
    """Stands where honcho expects a subprocess: runs a function in a fork instead of a shell."""

    def __init__(self, run: Callable[[], object], **_: object) -> None:
        reading, writing = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            _become(run, output=writing)
        os.close(writing)
        self.stdout: IO[bytes] = os.fdopen(reading, "rb")

    def wait(self) -> int:
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _become(run: Callable[[], object], *, output: int) -> NoReturn:
    """Be a process of our own: session, output and signals; then run and end."""
    os.setsid()
    for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output, stream)
    os.close(output)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _end(run)


def _end(run: Callable[[], object]) -> NoReturn:
    """Run, then end this fork without the clean-up that belongs to the process it came from."""
    code: object = 1
    try:
        run()
        code = 0
    except SystemExit as stop:
        code = stop.code
    except BaseException as error:  # noqa: BLE001  the last frame of this process
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def in_a_fork(run: Callable[[], str]) -> str:
    """Return what the function returns, done in a fork that takes its memory with it.

    SystemExit with the fork's code when it failed.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _end(lambda: os.write(writing, run().encode()))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        result = pipe.read()
    if code := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise SystemExit(code)
    return result


class _Web(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: Mapping[str, object]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from config.wsgi import application

        return application


def web(*, bind: str, processes: int) -> None:
    """Serve until told to stop. SQLite wants exactly one process (outbox.transactions)."""
    options = {
        "bind": bind,
        "workers": processes,
        "threads": THREADS,
        "worker_class": "gthread",
        "keepalive": 30,
        "graceful_timeout": 5,
        "timeout": 60,
        "preload_app": True,
        "loglevel": "warning",
        "proc_name": "verbatim web",
    }
    _Web(options).run()


def run_broker(command: list[str]) -> None:
    os.execv(command[0], command)  # noqa: S606  a fixed list of our own


class SchedulerThread(bootsteps.StartStopStep):  # type: ignore[misc]
    """Celery's scheduler as a thread of the worker: `-B` would be one more process."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **options: object) -> None:
        self.service: Any = None

    def start(self, worker: Any) -> None:
        self.service = EmbeddedService(
            worker.app, thread=True, schedule_filename=worker.app.conf.beat_schedule_filename
        )
        self.service.start()

    def stop(self, worker: Any) -> None:
        # Not waited for: with the broker away it would sit in its own retries.
        self.service.service.stop()


def worker(*, processes: int, wait_for_broker: Callable[[], object]) -> None:
    """Do the work of every queue, with the scheduler, until told to stop."""
    from config.celery import app

    # Running as root is no danger here: messages are JSON and carry a kind, nothing else.
    warnings.simplefilter("ignore", SecurityWarning)
    app.steps["worker"].add(SchedulerThread)
    wait_for_broker()
    running = app.Worker(
        concurrency=processes,
        hostname=f"embedded@{socket.gethostname()}",
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    running.start()
    raise SystemExit(running.exitcode)


def load_worker() -> None:
    """Load what the worker needs before it is forked, so that it is shared."""
    from config.celery import app

    for module in ("celery.apps.worker", "celery.worker.consumer", "celery.concurrency.prefork",
                   "celery.worker.strategy", "kombu.transport.redis"):  # fmt: skip
        import_module(module)
    app.loader.import_default_modules()
