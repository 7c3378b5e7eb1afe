"""What `make run` runs: web server, worker with scheduler, broker; each in a fork (stack)."""

from __future__ import annotations

import gc
import os
import socket
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from celery import bootsteps
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from django.db import connections
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication

from config.celery import app as _celery
from feedback.text.language import load_detector

THREADS = 8


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
        "control_socket_disable": True,  # it would lie in the home directory, writable or not
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
    # Running as root is no danger here: messages are JSON and carry a kind, nothing else.
    warnings.simplefilter("ignore", SecurityWarning)
    _celery.steps["worker"].add(SchedulerThread)
    # "Warm shutdown" and the like: `make run` has words of its own.
    import_module("celery.apps.worker").safe_say = lambda *_: None  # type: ignore[attr-defined]
    wait_for_broker()
    running = _celery.Worker(
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


def load_all() -> None:
    """Load what the children need before they are forked, so that they share it."""
    for module in (
        "celery.app.amqp", "celery.app.control", "celery.app.events", "celery.app.log",
        "celery.apps.worker", "celery.backends.base", "celery.concurrency.prefork",
        "celery.events.dispatcher", "celery.events.receiver", "celery.worker.autoscale",
        "celery.worker.components", "celery.worker.consumer",
        "celery.worker.consumer.delayed_delivery", "celery.worker.strategy",
        "billiard.heap", "billiard.popen_fork", "billiard.sharedctypes", "billiard.synchronize",
        "kombu.mixins", "kombu.transport.redis",
        "gunicorn.arbiter", "gunicorn.glogging", "gunicorn.http.wsgi", "gunicorn.workers.gthread",
        "config.wsgi", "feedback.text.reading",
    ):  # fmt: skip
        import_module(module)
    _celery.loader.import_default_modules()
    get_resolver().url_patterns  # noqa: B018  reading it imports every view
    load_detector()
    connections.close_all()  # no connection may be shared
    gc.collect()
    gc.freeze()  # a collection would write to every page and so unshare it
