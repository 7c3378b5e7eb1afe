"""Read history again after words or themes changed, behind new responses, with progress.

A re-reading walks through all comments by id, in batches, and passes over
those that the reader in force has read already. What a batch wrote and how far
it came are one transaction: after a crash it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from feedback import walking
from feedback.models import Reading, Rereading, Response
from feedback.readers import current_reader
from feedback.reading import keep, look
from feedback.walking import Progress
from outbox.registry import Setback, Work
from outbox.transactions import write

REREAD = "reread"
BATCH = 500


def start(*, reason: str, by: str) -> Rereading:
    """Have every comment read again that the reader in force has not read.

    A re-reading that waits or runs is overtaken: one walk is enough.
    """
    return walking.begin(Rereading(reason=reason[:200], created_by=by), REREAD)


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
    return walking.walk_on(work, _one_step)


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


def progress_of(rereading: Rereading) -> Progress:
    return walking.progress_of(rereading, REREAD)


def running() -> Progress | None:
    """Return the re-reading that waits or runs."""
    rereading = Rereading.objects.filter(finished_at__isnull=True).first()
    return progress_of(rereading) if rereading else None
