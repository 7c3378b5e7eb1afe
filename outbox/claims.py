"""Claim, finish, reclaim: conditional updates under the database's clock.

A worker that lost its lease must never overwrite the new owner, so every
finishing statement is guarded by the claimant. See docs/decisions/0002.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from outbox.models import Job
from outbox.registry import (
    Doubtful,
    Failed,
    Handler,
    Later,
    Once,
    Onward,
    Setback,
    Work,
    handler_of,
    kinds,
)
from outbox.transactions import write

_State = Job.State
_BACKOFF_SECONDS = (5, 15, 60, 300, 900, 3600, 7200, 21600)


def claimant() -> str:
    """Return a name for one claim, unique for ever."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(6)}"


def backoff(attempts: int) -> int:
    """Return seconds to wait after the given number of failed attempts (1..)."""
    return _BACKOFF_SECONDS[min(attempts, len(_BACKOFF_SECONDS)) - 1]


def claim(handler: Handler, *, by: str) -> list[Work]:
    """Take up to a batch of due work; empty when there is none.

    Work that failed before is taken alone, so that a poisonous job can hold
    up nobody but itself.
    """
    with write():
        due = (
            Job.objects.filter(kind=handler.kind, state=_State.PENDING, due_at__lte=Now())
            .order_by("due_at", "id")
            .select_for_update(skip_locked=True)
            .values_list("id", "subject_id", "detail", "attempts")
        )
        rows = list(due[: handler.batch])
        if not rows:
            return []
        if handler.once is not Once.AT_MOST:
            rows = rows[:1] if rows[0][3] else [row for row in rows if not row[3]]
        Job.objects.filter(id__any_of=[row[0] for row in rows]).update(
            state=_State.CLAIMED,
            claimed_by=by,
            lease_until=Now() + timedelta(seconds=handler.lease_seconds),
            attempts=F("attempts") + 1,
            is_wanted_again=False,
        )
    return [Work(id_, subject, detail, attempts + 1) for id_, subject, detail, attempts in rows]


def hand_over(job_ids: Sequence[int], *, by: str, lease_seconds: int = 60) -> set[int]:
    """Mark at-most-once work as leaving the house; return the ids still ours.

    Only these may be sent: from here on a crash makes them doubtful, never
    pending again.
    """
    with write():
        ours = list(
            Job.objects.filter(id__any_of=job_ids, claimed_by=by, state=_State.CLAIMED)
            .select_for_update()
            .values_list("id", flat=True)
        )
        Job.objects.filter(id__any_of=ours).update(
            state=_State.HANDED, lease_until=Now() + timedelta(seconds=lease_seconds)
        )
    return set(ours)


def finish(work: Sequence[Work], setbacks: Sequence[Setback], *, handler: Handler, by: str) -> int:
    """Record the outcome of a claimed batch; return how many rows were still ours."""
    items = {item.id: item for item in work}
    unfinished = {setback.job_id for setback in setbacks}
    done = [item.id for item in work if item.id not in unfinished]
    with write():
        count = _finish_done(done, by=by)
        for setback in setbacks:
            count += _set_back(setback, items[setback.job_id], handler=handler, by=by)
    return count


def break_off(work: Sequence[Work], *, handler: Handler, by: str, error: str) -> set[int]:
    """Settle those of an at-most-once batch that had left when an exception ended it.

    Returns their job ids. They become doubtful unless the handler knows
    better; what it makes pending again waits as after any failure.
    """
    ids = [item.id for item in work]
    with write():
        locked = Job.objects.filter(id__any_of=ids, claimed_by=by, state=_State.HANDED)
        left = list(locked.select_for_update().values_list("id", "subject_id", "attempts"))
        handed = [(id_, subject) for id_, subject, _attempts in left]
        _settle(handed, state=_State.DOUBTFUL, from_state=_State.HANDED, error=error[:500])
        if left and handler.when_doubtful:
            handler.when_doubtful([subject for _id, subject in handed])
        again = Job.objects.filter(id__any_of=[id_ for id_, _ in handed], state=_State.PENDING)
        waits = max((backoff(attempts) for *_, attempts in left), default=0)
        again.update(due_at=Now() + timedelta(seconds=waits))
    return {id_ for id_, _subject in handed}


def _ours(by: str) -> Q:
    return Q(claimed_by=by, state__in=[_State.CLAIMED, _State.HANDED])


def _finish_done(job_ids: Sequence[int], *, by: str) -> int:
    if not job_ids:
        return 0
    again = Q(is_wanted_again=True)
    return Job.objects.filter(_ours(by), id__any_of=job_ids).update(
        state=Case(When(again, then=Value(_State.PENDING)), default=Value(_State.DONE)),
        attempts=Case(
            When(again, then=Value(0)),
            default=F("attempts"),
            output_field=Job._meta.get_field("attempts"),
        ),
        due_at=Case(When(again, then=Now()), default=F("due_at")),
        done_at=Now(),
        lease_until=None,
        is_wanted_again=False,
        last_error="",
    )


def _set_back(setback: Setback, item: Work, *, handler: Handler, by: str) -> int:
    row = Job.objects.filter(_ours(by), id=setback.job_id)
    if isinstance(setback, Onward):  # keeps its place: due when it was
        return row.update(state=_State.PENDING, lease_until=None, attempts=F("attempts") - 1)
    error = setback.error[:500]
    match setback:
        case Doubtful():
            return row.update(state=_State.DOUBTFUL, lease_until=None, last_error=error)
        case Later(counts=False, seconds=seconds):
            return row.update(
                state=_State.PENDING,
                lease_until=None,
                attempts=F("attempts") - 1,
                due_at=Now() + timedelta(seconds=seconds),
                last_error=error,
            )
        case Later(seconds=seconds) if item.attempts < handler.max_attempts:
            return row.update(
                state=_State.PENDING,
                lease_until=None,
                due_at=Now() + timedelta(seconds=seconds),
                last_error=error,
            )
        case Later():
            count = row.update(state=_State.DEAD, lease_until=None, last_error=error)
            if count and handler.when_dead:
                handler.when_dead([item.subject_id])
            return count
        case Failed():
            return row.update(state=_State.DEAD, lease_until=None, last_error=error)


@dataclass(frozen=True, slots=True)
class Reclaimed:
    pending: int
    doubtful: int
    dead: int


def reclaim() -> Reclaimed:
    """Free what crashed workers held: every state has an exit by time."""
    counts = [0, 0, 0]
    for kind in kinds():
        handler = handler_of(kind)
        for index, number in enumerate(_reclaim_kind(handler)):
            counts[index] += number
    return Reclaimed(*counts)


def _reclaim_kind(handler: Handler) -> tuple[int, int, int]:
    over = Job.objects.filter(kind=handler.kind, lease_until__lt=Now())
    if not over.filter(state__in=[_State.CLAIMED, _State.HANDED]).exists():
        return 0, 0, 0
    crashed = "the worker stopped before it could say how this ended"
    with write():
        # Locked: one whose worker finishes it at this moment after all is not ours to settle.
        locked = over.select_for_update().values_list("id", "subject_id")
        handed = list(locked.filter(state=_State.HANDED))
        worn = list(locked.filter(state=_State.CLAIMED, attempts__gte=handler.max_attempts))
        _settle(handed, state=_State.DOUBTFUL, from_state=_State.HANDED, error=crashed)
        _settle(worn, state=_State.DEAD, from_state=_State.CLAIMED, error=crashed)
        pending = over.filter(state=_State.CLAIMED).update(
            state=_State.PENDING, lease_until=None, due_at=Now(), last_error=crashed
        )
        if handed and handler.when_doubtful:
            handler.when_doubtful([subject for _, subject in handed])
        if worn and handler.when_dead:
            handler.when_dead([subject for _, subject in worn])
    return pending, len(handed), len(worn)


def _settle(rows: list[tuple[int, int]], *, state: str, from_state: str, error: str) -> None:
    if rows:
        Job.objects.filter(id__any_of=[id_ for id_, _ in rows], state=from_state).update(
            state=state, lease_until=None, last_error=error
        )
