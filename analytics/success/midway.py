"""Facts of the one task this process is in the middle of: its next slice need not read them again.

They may be large, so they are given back when nobody goes on soon.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from analytics.success.queries import Facts

_PATIENCE = 60.0  # seconds
_NEW_ENOUGH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Read:
    """What a task has read: facts, and the rows told of each kind before the first of them."""

    facts: Facts
    told: Mapping[str, int]


class _Middle:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[str, Read] | None = None
        self._timer: threading.Timer | None = None

    def put(self, key: str, read: Read) -> None:
        """Hold what was read for the next slice of the task named `key`."""
        self.let_go()
        with self._lock:
            self._held = key, read
            self._timer = threading.Timer(_PATIENCE, self.let_go)
            self._timer.daemon = True
            self._timer.start()

    def take(self, key: str) -> Read | None:
        """Return what was read for this task if it is new enough; whatever was held is let go."""
        held = self.let_go()
        if held is None or held[0] != key or timezone.now() - held[1].facts.as_of > _NEW_ENOUGH:
            return None
        return held[1]

    def let_go(self) -> tuple[str, Read] | None:
        """Hold nothing any more; return what was held."""
        with self._lock:
            held, self._held = self._held, None
            if self._timer:
                self._timer.cancel()
                self._timer = None
        return held


middle = _Middle()
