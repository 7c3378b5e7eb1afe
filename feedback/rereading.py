"""Read history again after words or themes changed, behind new responses, with progress.

A re-reading walks through all comments by id, in batches, and passes over
those that the reader in force has read already. What a batch wrote and how far
it came are one transaction: after a crash it goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.models import Reading, Rereading, Response
from feedback.readers import current_reader
from feedback.reading import keep, look
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Later, Setback, Work
from outbox.transactions import write

REREAD = "reread"
BATCH = 500
SLICE_SECONDS = 0.5
"""So long a worker stays with history before it looks for newer work."""


def start(*, reason: str, by: str) -> Rereading:
    """Have every comment read again that the reader in force has not read.

    A re-reading that waits or runs is overtaken: one walk is enough.
    """
    now = timezone.now()
    with write():
        Rereading.objects.filter(finished_at__isnull=True).update(
            finished_at=now, is_overtaken=True
        )
        rereading = Rereading.objects.create(reason=reason[:200], created_by=by)
        enqueue([Wanted(REREAD, rereading.pk, _key(rereading.pk))])
    return rereading


def _key(rereading_id: int) -> str:
    return f"{REREAD}:{rereading_id}"


def stale() -> QuerySet[Response]:
    """Return the responses whose comment the reader in force has not read."""
    unread = Q(reading__isnull=True) | ~Q(reading__version=current_reader().version)
    return Response.objects.exclude(comment="").filter(unread)


def shares() -> dict[str, int]:
    """Return how many comments read as each sentiment now."""
    rows = Reading.objects.exclude(response__comment="").values_list("sentiment")
    return dict(rows.annotate(n=Count("pk")).order_by("sentiment"))


def reread_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "reread": subject = re-reading; continues where it stopped."""
    return [
        Later(item.id, 0, "continues", counts=False)
        for item in work
        if not _advance(item.subject_id)
    ]


def _advance(rereading_id: int) -> bool:
    """Read for a moment; True when nothing is left (or another overtook)."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while _one_step(rereading_id):
        if time.monotonic() >= ends_at:
            return False
    return True


def _one_step(rereading_id: int) -> bool:
    """Begin or read one batch; False when there is nothing left to do."""
    rereading = Rereading.objects.filter(pk=rereading_id, finished_at__isnull=True).first()
    if rereading is None:
        return False
    if rereading.started_at is None:
        _begin(rereading)
        return True
    return _one_batch(rereading)


def _begin(rereading: Rereading) -> None:
    now = timezone.now()
    Rereading.objects.filter(pk=rereading.pk, started_at__isnull=True).update(
        started_at=now, progressed_at=now, total=stale().count(), shares_before=shares()
    )


def _one_batch(rereading: Rereading) -> bool:
    """Read the next comments; False when there are none and the re-reading is finished."""
    later = stale().filter(pk__gt=rereading.last_id).order_by("pk")
    ids = list(later.values_list("pk", flat=True)[:BATCH])
    if not ids:
        _finish(rereading)
        return False
    batch = look(ids)
    with write():
        changed = keep(batch).changed
        _open(rereading).filter(last_id=rereading.last_id).update(
            last_id=ids[-1],
            done=F("done") + len(ids),
            changed=F("changed") + changed,
            progressed_at=timezone.now(),
        )
    return True


def _finish(rereading: Rereading) -> None:
    now = timezone.now()
    _open(rereading).update(finished_at=now, progressed_at=now, shares_after=shares())


def _open(rereading: Rereading) -> QuerySet[Rereading]:
    return Rereading.objects.filter(pk=rereading.pk, finished_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a re-reading came.

    `rate` is in comments a second, `left` None while there is nothing to tell
    it from; `trouble` is the error it stopped with, "" if it did not.
    """

    rereading: Rereading
    rate: float | None
    left: timedelta | None
    trouble: str

    @property
    def percent(self) -> int:
        total = self.rereading.total
        return min(100, 100 * self.rereading.done // total) if total else 0

    @property
    def left_words(self) -> str:
        if self.left is None:
            return ""
        minutes = round(self.left.total_seconds() / 60)
        if minutes < 1:
            return _("less than a minute")
        return ngettext("about %s minute", "about %s minutes", minutes) % minutes


def progress_of(rereading: Rereading) -> Progress:
    rate = _rate(rereading)
    rest = max(0, rereading.total - rereading.done)
    left = timedelta(seconds=round(rest / rate)) if rate else None
    return Progress(rereading, rate, left, _trouble(rereading))


def _rate(rereading: Rereading) -> float | None:
    if not (rereading.done and rereading.started_at and rereading.progressed_at):
        return None
    seconds = (rereading.progressed_at - rereading.started_at).total_seconds()
    return rereading.done / seconds if seconds > 0 else None


def _trouble(rereading: Rereading) -> str:
    if rereading.finished_at:
        return ""
    dead = Job.objects.filter(dedupe_key=_key(rereading.pk), state=Job.State.DEAD)
    return dead.values_list("last_error", flat=True).first() or ""


def running() -> Progress | None:
    """Return the re-reading that waits or runs."""
    rereading = Rereading.objects.filter(finished_at__isnull=True).first()
    return progress_of(rereading) if rereading else None
