"""Do the work that is due. Run by Celery workers and by `manage.py drain` alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import OperationalError
from django.db.models.functions import Now

from outbox import bell
from outbox.claims import backoff, claim, claimant, finish, reclaim
from outbox.models import Job
from outbox.registry import Handler, Later, Once, Setback, Work, handler_of, kinds

log = logging.getLogger(__name__)
MAX_SECONDS = 20.0


def drain(kind: str, *, max_seconds: float = MAX_SECONDS) -> int:
    """Do due work of one kind until none is left or the time is up; return how many.

    LookupError for a kind nobody handles. Never raises for a failing job.
    """
    handler = handler_of(kind)
    ends_at = time.monotonic() + max_seconds
    count = 0
    while time.monotonic() < ends_at:
        by = claimant()
        work = claim(handler, by=by)
        if not work:
            break
        count += finish(work, _attempt(handler, work, by), handler=handler, by=by)
        if handler.gives_way and _more_urgent():
            bell.ring(kind)  # the rest, when that is done
            break
    if count:
        log.info("drained kind=%s count=%d", kind, count)
    return count


def _attempt(handler: Handler, work: Sequence[Work], by: str) -> Sequence[Setback]:
    try:
        return handler.handle(work, by)
    except OperationalError:
        # The database itself is in trouble: nobody's fault in this batch.
        raise
    except Exception as error:
        log.exception("handler failed kind=%s jobs=%d", handler.kind, len(work))
        if len(work) == 1 or handler.once is Once.AT_MOST:
            return [_later(item, error) for item in work]
    # One poisonous job must not take its batch along: do them one by one.
    setbacks: list[Setback] = []
    for item in work:
        try:
            setbacks += handler.handle([item], by)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001
            log.warning("job failed kind=%s job=%d", handler.kind, item.id)
            setbacks.append(_later(item, error))
    return setbacks


def _later(item: Work, error: Exception) -> Later:
    return Later(item.id, backoff(item.attempts), f"{type(error).__name__}: {error}")


def sweep(*, max_seconds: float = MAX_SECONDS) -> int:
    """Free crashed work and do everything due, whatever Redis says; return how many."""
    freed = reclaim()
    if freed.pending or freed.doubtful or freed.dead:
        log.warning(
            "reclaimed pending=%d doubtful=%d dead=%d", freed.pending, freed.doubtful, freed.dead
        )
    return sum(drain(kind, max_seconds=max_seconds) for kind in due_kinds())


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
