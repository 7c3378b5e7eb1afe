"""Do the work that is due. Run by Celery workers and by `manage.py drain` alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from outbox import bell
from outbox.claims import backoff, break_off, claim, claimant, finish, reclaim
from outbox.models import Job
from outbox.registry import (
    Handler,
    Later,
    Once,
    Setback,
    Work,
    handler_of,
    kinds,
    queue_of,
)

log = logging.getLogger(__name__)
# A slice of work: short, so that a stop waits little and no kind waits long for another.
MAX_SECONDS = 5.0
FEW = 5


def drain(kind: str, *, max_seconds: float = MAX_SECONDS) -> int:
    """Do due work of one kind until none is left or the time is up; return how many.

    LookupError for a kind nobody handles. Never raises for a failing job.
    """
    handler = handler_of(kind)
    ends_at = time.monotonic() + max_seconds
    count = 0
    while work := claim(handler, by=(by := claimant())):
        if not count and len(work) == handler.batch > 1:
            bell.ring(kind)  # there may be enough for another worker, who asks for one more again
        count += finish(work, _attempt(handler, work, by), handler=handler, by=by)
        if time.monotonic() > ends_at or (handler.gives_way and _more_urgent()):
            bell.ring(kind)  # the rest, after what others wait for
            break
    if count:
        log.info("drained kind=%s count=%d", kind, count)
    return count


def _attempt(handler: Handler, work: Sequence[Work], by: str) -> Sequence[Setback]:
    try:
        return handler.handle(work, by)
    except SoftTimeLimitExceeded:
        raise  # the leases end soon; then each is tried alone
    except Exception as error:
        _raise_if_database_is_away(error)
        log.error("handler failed kind=%s jobs=%d", handler.kind, len(work), exc_info=len(work) > 1)
        if handler.once is Once.AT_MOST:
            return _broken_off(handler, work, by, error)
        if len(work) == 1:
            return [_later(item, error) for item in work]
    return _one_by_one(handler, work, by)


def _one_by_one(handler: Handler, work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Do a failed batch singly, so that a poisonous job does not take the others along.

    When all of the first few fail, the fault is the handler's: the others wait
    with their attempts untouched, or a bad release would use them all up.
    """
    setbacks: list[Setback] = []
    for number, item in enumerate(work):
        setbacks += _attempt_alone(handler, item, by)
        if number + 1 == len(setbacks) == FEW:
            waits = backoff(1)
            log.error("handler fails for all kind=%s waiting=%d", handler.kind, len(work) - FEW)
            return setbacks + [
                Later(rest.id, waits, "others of its batch failed", counts=False)
                for rest in work[FEW:]
            ]
    return setbacks


def _attempt_alone(handler: Handler, item: Work, by: str) -> Sequence[Setback]:
    try:
        return handler.handle([item], by)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001
        _raise_if_database_is_away(error)
        log.warning("job failed kind=%s job=%d", handler.kind, item.id)
        return [_later(item, error)]


def _raise_if_database_is_away(error: Exception) -> None:
    """A database that is away is nobody's fault in this batch; a bad statement is."""
    if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
        raise error


def _broken_off(
    handler: Handler, work: Sequence[Work], by: str, error: Exception
) -> Sequence[Setback]:
    """Return what becomes of an at-most-once batch: what had left the house is not sent again."""
    words = f"{type(error).__name__}: {error}"
    left = break_off(work, handler=handler, by=by, error=words)
    return [_later(item, error) for item in work if item.id not in left]


def _later(item: Work, error: Exception) -> Later:
    return Later(item.id, backoff(item.attempts), f"{type(error).__name__}: {error}")


def sweep(*, leave: Collection[str] = ()) -> int:
    """Free crashed work and do a slice of everything due, whatever Redis says; return how many.

    `leave` names queues whose kinds somebody else does.
    """
    free_crashed()
    return sum(drain(kind) for kind in due_kinds() if queue_of(kind) not in leave)


def free_crashed() -> None:
    freed = reclaim()
    if freed.pending or freed.doubtful or freed.dead:
        log.warning(
            "reclaimed pending=%d doubtful=%d dead=%d", freed.pending, freed.doubtful, freed.dead
        )


def _more_urgent() -> bool:
    return any(not handler_of(kind).gives_way for kind in due_kinds())


def due_kinds() -> list[str]:
    """Return the kinds that have due work, cheapest possible look (partial index).

    Those that give way come last.
    """
    return [
        kind
        for kind in sorted(kinds(), key=lambda kind: handler_of(kind).gives_way)
        if Job.objects.filter(kind=kind, state=Job.State.PENDING, due_at__lte=Now()).exists()
    ]
