"""Walk through all responses behind new ones, with progress: reading or judging history again.

What a batch wrote and how far it came are one transaction: after a crash it
goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.models import Rejudging, Rereading
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Later, Setback, Work
from outbox.transactions import write

SLICE_SECONDS = 0.5
"""So long a worker stays with history before it looks for newer work."""

AnyWalk = TypeVar("AnyWalk", Rereading, Rejudging)


def key_of(kind: str, walk_id: int) -> str:
    return f"{kind}:{walk_id}"


def begin(walk: AnyWalk, kind: str) -> AnyWalk:
    """Store a new walk and have it done by outbox work of that kind.

    One of the same sort that waits or runs is overtaken: one is enough.
    """
    now = timezone.now()
    with write():
        walks = type(walk)._default_manager.filter(finished_at__isnull=True)
        walks.update(finished_at=now, is_overtaken=True)
        walk.save(force_insert=True)
        enqueue([Wanted(kind, walk.pk, key_of(kind, walk.pk))])
    return walk


def walk_on(work: Sequence[Work], step: Callable[[int], bool]) -> Sequence[Setback]:
    """Take steps (False: nothing is left) for a moment, and go on later with what is left."""
    return [
        Later(item.id, 0, "continues", counts=False)
        for item in work
        if not _is_done(item.subject_id, step)
    ]


def _is_done(walk_id: int, step: Callable[[int], bool]) -> bool:
    ends_at = time.monotonic() + SLICE_SECONDS
    while step(walk_id):
        if time.monotonic() >= ends_at:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a walk came.

    `rate` is in responses a second, `left` None while there is nothing to tell
    it from; `trouble` is the error it stopped with, "" if it did not.
    """

    walk: Rereading | Rejudging
    rate: float | None
    left: timedelta | None
    trouble: str

    @property
    def percent(self) -> int:
        total = self.walk.total
        return min(100, 100 * self.walk.done // total) if total else 0

    @property
    def left_words(self) -> str:
        if self.left is None:
            return ""
        minutes = round(self.left.total_seconds() / 60)
        if minutes < 1:
            return _("less than a minute")
        return ngettext("about %s minute", "about %s minutes", minutes) % minutes


def progress_of(walk: Rereading | Rejudging, kind: str) -> Progress:
    rate = _rate(walk)
    rest = max(0, walk.total - walk.done)
    left = timedelta(seconds=round(rest / rate)) if rate else None
    return Progress(walk, rate, left, _trouble(walk, kind))


def _rate(walk: Rereading | Rejudging) -> float | None:
    if not (walk.done and walk.started_at and walk.progressed_at):
        return None
    seconds = (walk.progressed_at - walk.started_at).total_seconds()
    return walk.done / seconds if seconds > 0 else None


def _trouble(walk: Rereading | Rejudging, kind: str) -> str:
    if walk.finished_at:
        return ""
    dead = Job.objects.filter(dedupe_key=key_of(kind, walk.pk), state=Job.State.DEAD)
    return dead.values_list("last_error", flat=True).first() or ""
