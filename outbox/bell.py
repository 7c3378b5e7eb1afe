"""Ring for the workers: a message that only says "there is work of this kind".

Losing every ring costs at most one sweep interval, so ringing never raises,
never waits on the request's path, is coalesced per process, and stops trying
for a while after a failure.
"""

from __future__ import annotations

import logging
import os
import threading
import time

from django.conf import settings

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.25  # at most four rounds a second per process
BREAKER_SECONDS = 30.0


class Bell:
    """One background thread per process that publishes the kinds asked for."""

    def __init__(self) -> None:
        self.forget()
        # A fork has no thread, and may have copied the lock while it was held.
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        self._wanted: set[str] = set()
        self._condition = threading.Condition()
        self._is_running = False
        self._silent_until = 0.0

    def ring(self, kind: str) -> None:
        with self._condition:
            self._wanted.add(kind)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="outbox-bell", daemon=True).start()
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._wanted:
                    self._condition.wait()
                kinds, self._wanted = self._wanted, set()
            self._publish(kinds)
            time.sleep(QUIET_SECONDS)

    def _publish(self, kinds: set[str]) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            self._send(kinds)
        except Exception as error:  # noqa: BLE001  the sweep finds what a silent bell leaves
            self._silent_until = time.monotonic() + BREAKER_SECONDS
            log.warning("bell silent seconds=%d error=%s", BREAKER_SECONDS, type(error).__name__)

    def _send(self, kinds: set[str]) -> None:
        from outbox.tasks import drain_kind

        for kind in kinds:
            drain_kind.publish(kind)


_bell = Bell()


def ring(kind: str) -> None:
    """Tell the workers that work of this kind is due. Never raises, never waits."""
    if settings.OUTBOX_BELL:
        _bell.ring(kind)
