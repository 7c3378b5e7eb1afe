"""Reports and exports may read a copy of the database: a streaming replica at REPLICA_URL.

What is marked `reads_replica` reads there while the copy is at most
REPLICA_MAX_LAG seconds behind, and from the main database otherwise: when the
copy lags, does not answer, gives up in the middle, or is a copy no more.
Everything else, and everything inside a transaction, stays with the main one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

log = logging.getLogger(__name__)
REPLICA = "replica"
LOOK_EVERY = 2.0  # seconds between two looks at how far behind the copy is
AWAY_FOR = 10.0  # seconds until a copy that did not answer is asked again
_GONE = (OperationalError, InterfaceError)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_is_reading: ContextVar[bool] = ContextVar("is_reading_replica", default=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """How the copy was found. `age` is how many seconds it may be behind, if that is known."""

    state: Literal["good", "late", "away", "no copy"]
    age: float | None = None

    @property
    def is_usable(self) -> bool:
        return self.state == "good"


class Router:
    """Send reads to the copy while something marked `reads_replica` runs; nothing else."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return using()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def using() -> str:
    """Return the alias of the database to read from at this moment."""
    return REPLICA if _is_reading.get() else DEFAULT_DB_ALIAS


def reads_replica(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a function that only reads take the copy. It runs again if the copy gives up on it."""

    @wraps(read)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        if _is_reading.get() or chosen() == DEFAULT_DB_ALIAS:
            return read(*args, **kwargs)
        token = _is_reading.set(True)
        try:
            return read(*args, **kwargs)
        except _GONE as error:
            give_up(error)
        finally:
            _is_reading.reset(token)
        return read(*args, **kwargs)

    return told


def chosen() -> str:
    """Return the alias a report should read from now."""
    if REPLICA not in settings.DATABASES or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    copy = _watch.look()
    return REPLICA if copy is not None and copy.is_usable else DEFAULT_DB_ALIAS


def give_up(error: Exception) -> None:
    """Leave the copy alone for a while."""
    log.warning("replica_gave_up error=%s", type(error).__name__)
    connections[REPLICA].close()
    _watch.note(Copy("away"))


def seen() -> Copy | None:
    """Return how this process last found the copy, None when there is none to look at."""
    return _watch.found if REPLICA in settings.DATABASES else None


class _Watch:
    """Looks at the copy now and then, one thread at a time; the others go by what it found."""

    def __init__(self) -> None:
        self.found: Copy | None = None
        self._next_at = 0.0
        self._lock = threading.Lock()
        # When which place of the main database's log was written last: (monotonic, bytes).
        self._written: deque[tuple[float, int]] = deque(maxlen=300)

    def look(self) -> Copy | None:
        if time.monotonic() >= self._next_at and self._lock.acquire(blocking=self.found is None):
            try:
                if time.monotonic() >= self._next_at:
                    self.note(self._look())
            finally:
                self._lock.release()
        return self.found

    def note(self, copy: Copy) -> None:
        if self.found is None or copy.state != self.found.state:
            log.warning("replica state=%s age=%s", copy.state, copy.age)
        self.found = copy
        self._next_at = time.monotonic() + (AWAY_FOR if copy.state == "away" else LOOK_EVERY)

    def _look(self) -> Copy:
        # The main database first: what it has written by then the copy may be asked for.
        (written,) = _ask(DEFAULT_DB_ALIAS, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        self._written.append((time.monotonic(), int(written)))
        try:
            is_copy, replayed, since = _ask(
                REPLICA,
                "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() - '0/0'::pg_lsn, "
                "extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())",
            )
        except _GONE:
            connections[REPLICA].close()
            return Copy("away")
        if not is_copy:
            return Copy("no copy")
        age = self._age(int(replayed or 0), None if since is None else float(since))
        is_late = age is None or age > settings.REPLICA_MAX_LAG
        return Copy("late" if is_late else "good", age)

    def _age(self, replayed: int, since: float | None) -> float | None:
        """Return the smallest age that is certain, in seconds.

        Nothing older is missing than what was written after the newest place
        known to be replayed; nor than the newest commit replayed.
        """
        now = time.monotonic()
        known = [now - at for at, written in self._written if written <= replayed]
        ages = [max(0.0, age) for age in (*known, since) if age is not None]
        return min(ages, default=None)


def _ask(alias: str, sql: str) -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return tuple(cursor.fetchone())


_watch = _Watch()
