"""Who does which kind of work, and what a crash in the middle of it may mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum


class Once(Enum):
    """What may happen to an effect when the process dies half-way.

    REPEATABLE: doing it again changes nothing (reading, tallies).
    AT_LEAST: it may happen again, recognisable by a stable id (alerts, webhooks).
    AT_MOST: it must not happen again; the row becomes visibly doubtful (mail).
    """

    REPEATABLE = "repeatable"
    AT_LEAST = "at least once"
    AT_MOST = "at most once"


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed job, as its handler sees it."""

    id: int
    subject_id: int
    detail: str
    attempts: int  # this attempt included, 1..max_attempts


@dataclass(frozen=True, slots=True)
class Later:
    """Not done: try again after `seconds`. `counts` = False forgives the attempt."""

    job_id: int
    seconds: float
    error: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Onward:
    """Done in part: goes on at once, before the others of its kind; no failed attempt."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Not done and not worth trying again: dead, shown to staff."""

    job_id: int
    error: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Handed over with an unknown outcome: never repeated, shown to staff."""

    job_id: int
    error: str


Setback = Later | Onward | Failed | Doubtful
# A handler returns only what did not go well; the rest of the batch is done.
Handle = Callable[[Sequence[Work], str], Sequence[Setback]]


@dataclass(frozen=True, slots=True)
class Handler:
    kind: str
    handle: Handle
    batch: int
    once: Once
    queue: str = "work"
    # True: after every batch, due work of other kinds goes first.
    gives_way: bool = False
    lease_seconds: int = 60
    max_attempts: int = 8
    # Called with the subject ids of jobs that became doubtful or dead without the
    # handler saying so: after a crash, an exception or the last attempt.
    when_doubtful: Callable[[Sequence[int]], None] | None = None
    when_dead: Callable[[Sequence[int]], None] | None = None


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Make a handler known. ValueError when the kind already has another one."""
    known = _handlers.setdefault(handler.kind, handler)
    if known.handle is not handler.handle:
        raise ValueError(f"outbox: kind {handler.kind!r} is already handled by {known.handle!r}")


def handler_of(kind: str) -> Handler:
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(
            f"outbox: nobody handles {kind!r}; known kinds: {', '.join(sorted(_handlers))}"
        ) from None


def kinds() -> list[str]:
    return sorted(_handlers)


def queue_of(kind: str) -> str:
    return handler_of(kind).queue


def queues() -> list[str]:
    """Return every queue some kind of work goes to."""
    return sorted({handler.queue for handler in _handlers.values()})
