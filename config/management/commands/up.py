from __future__ import annotations

import logging.config
import os
import time
from argparse import ArgumentParser
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from analytics.care.demo import give_to_admin
from analytics.digests.demo import write_digest
from config.runner import broker, children, prepare, record
from config.runner.stack import Stack, in_a_fork
from config.runner.terminal import Terminal


def _log_only_trouble() -> None:
    """A person looks on. In the settings, as the web server's fork configures its logs anew."""
    levels: dict[str, Any] = settings.LOGGING
    levels["root"]["level"] = "WARNING"
    levels["loggers"]["django.request"] = {"level": "ERROR"}  # a wrong address is none
    logging.config.dictConfig(levels)


class Command(BaseCommand):
    help = "Prepare the installation and run web, worker, scheduler and broker until Ctrl-C."
    requires_system_checks: list[str] = []  # done in the fork that prepares

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="start without demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ["CELERY_SKIP_CHECKS"] = "true"  # done when preparing
        if "LOG_LEVEL" not in os.environ:
            _log_only_trouble()
        self.terminal = Terminal()
        self.directory = Path(settings.DATA_DIR)
        self.terminal.title("Verbatim")
        self._end_leftovers()
        self._check_port()
        # In a fork: what migrating and collecting load need not stay for the whole run.
        password = in_a_fork(partial(self._prepare, with_demo=not options["no_demo"]))
        raise SystemExit(self._run(password))

    # ---- Before ----------------------------------------------------------------------

    def _end_leftovers(self) -> None:
        """End what a killed run left; refuse to start beside one that lives."""
        left = record.read(self.directory)
        running = [process for process in left if process.name == "up"]
        if running:
            self._refuse(
                f"Verbatim runs here already (process {running[0].pid}).",
                "Stop it with Ctrl-C where it runs, or: kill " + str(running[0].pid),
            )
        if left:
            with self.terminal.step("Cleaned up") as said:
                record.end(left)
                said.append(f"{len(left)} processes of a run that was killed")

    def _check_port(self) -> None:
        if not prepare.is_port_free(settings.HOST, settings.PORT):
            self._refuse(
                f"Port {settings.PORT} is taken by another program.",
                f"Choose another one: PORT={settings.PORT + 1} make run",
            )

    def _refuse(self, what: str, remedy: str) -> None:
        self.terminal.trouble(what, remedy)
        raise SystemExit(1)

    def _prepare(self, *, with_demo: bool) -> str:
        """Make everything ready; return the first login's password, "" after the first start."""
        settings.OUTBOX_BELL = False  # nobody listens yet
        self.check()
        with self.terminal.step("Database") as said:
            count = prepare.migrate()
            said.append(self._database_name())
            said.append(f"({count} migrations)" if count else "")
        with self.terminal.step("Static files") as said:
            said.append("collected" if prepare.collect_static() else "unchanged")
        if not prepare.is_first_start():
            return ""
        has_demo = with_demo and settings.IS_EMBEDDED
        if has_demo:
            with self.terminal.step("Demo data") as said:
                said.append(str(call_command("seed_demo", stdout=StringIO())))
        password = prepare.make_login()  # late: a start broken off before can be made again
        if has_demo:
            write_digest()
            give_to_admin()
        return password

    def _database_name(self) -> str:
        database = settings.DATABASES["default"]
        return str(database["NAME"] if settings.IS_SQLITE else f"PostgreSQL {database['NAME']}")

    # ---- Running ---------------------------------------------------------------------

    def _run(self, password: str) -> int:
        stack = Stack(self.directory)
        self._add_broker_and_worker(stack)
        bind = f"{settings.HOST}:{settings.PORT}"
        stack.add("web", partial(children.web, bind=bind, processes=settings.WEB_PROCESSES))
        children.load_all()
        stack.run(when_started=partial(self._welcome, password))
        prepare.put_into_one_file()
        if stack.was_asked_to_stop:
            self.terminal.note("Stopped. Everything is kept; `make run` goes on from here.\n")
            return 0
        self.terminal.trouble(
            f"Ended by itself: {', '.join(stack.ended())}",
            "The lines above say why. Nothing is lost; start again with `make run`.",
        )
        return 1

    def _add_broker_and_worker(self, stack: Stack) -> None:
        server = None if settings.REDIS_URL else broker.find_server()
        if server:
            broker.make_room(self.directory)
            command = broker.command(server, self.directory)
            stack.add("broker", partial(children.run_broker, command))
        if server or settings.REDIS_URL:
            ready = partial(broker.wait_until_up, self.directory) if server else bool
            stack.add("worker", partial(
                children.worker, processes=settings.WORKER_PROCESSES, wait_for_broker=ready
            ))  # fmt: skip
        else:
            self.terminal.note("No Valkey or Redis for this machine: work is done every 5 seconds.")
            stack.add("worker", partial(call_command, "drain", loop=True))

    def _welcome(self, password: str) -> None:
        """Say where everything is as soon as the web server answers."""
        while not prepare.answers(settings.HOST, settings.PORT):
            time.sleep(0.05)
        facts = [("Open", f"{settings.BASE_URL}/admin/", "")]
        if password:
            facts.append(("Sign in", f"{prepare.ADMIN}   {password}", "shown only now"))
        if settings.EMAIL_BACKEND == "surveys.mailbox.MailboxBackend":
            facts.append(
                ("Mail", f"{settings.BASE_URL}/admin/mailbox/", "nothing leaves this machine")
            )
        facts.append(("Stop", "Ctrl-C", ""))
        self.terminal.facts(facts)
