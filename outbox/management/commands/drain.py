from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections

from outbox.drain import due_kinds, sweep

WATCHDOG_SECONDS = 120


class Command(BaseCommand):
    help = "Do all due work without a broker: once, or for ever with --loop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="keep sweeping until stopped")
        parser.add_argument(
            "--interval", type=float, default=5.0, help="seconds between sweeps (default 5)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self.stdout.write(f"{self._until_nothing_is_due()} done")
            return
        self._stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        self._loop(options["interval"])

    def _until_nothing_is_due(self) -> int:
        count = sweep()
        while due_kinds():
            count += sweep()
        return count

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _loop(self, interval: float) -> None:
        last_success = time.monotonic()
        while not self._stopping:
            try:
                close_old_connections()
                count = sweep()
                last_success = time.monotonic()
                if count:
                    self.stdout.write(f"{count} done")
            except (OperationalError, InterfaceError) as error:
                self.stderr.write(f"database not reachable, trying again: {error}")
                if time.monotonic() - last_success > WATCHDOG_SECONDS:
                    # Let the process manager start a fresh one and raise the alarm.
                    raise SystemExit(1) from error
            self._pause(interval)

    def _pause(self, seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < ends_at:
            time.sleep(min(0.2, seconds))
