"""Read history again after words or themes changed, behind new responses, with progress."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db.models import Count
from django.utils import timezone

from feedback.models import Reading, Rereading, Response
from feedback.reading import read_responses
from outbox.jobs import Wanted, enqueue
from outbox.registry import Later, Setback, Work
from outbox.transactions import write

REREAD = "reread"
BATCH = 500
SLICE_SECONDS = 5.0  # then the worker looks for newer work first
_commented = Response.objects.exclude(comment="")


def start(*, reason: str, by: str) -> Rereading:
    """Have every comment read again; a re-reading that waits or runs is overtaken by this one."""
    with write():
        rereading = Rereading.objects.create(
            reason=reason,
            total=_commented.count(),
            shares_before=shares(),
            created_by=by,
        )
        Rereading.objects.filter(finished_at__isnull=True).exclude(pk=rereading.pk).update(
            finished_at=timezone.now()
        )
        enqueue([Wanted(REREAD, rereading.pk, f"{REREAD}:{rereading.pk}")])
    return rereading


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
    """Read batches for a few seconds; True when nothing is left (or another overtook)."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        rereading = Rereading.objects.filter(pk=rereading_id, finished_at__isnull=True).first()
        if rereading is None:
            return True
        if not _one_batch(rereading):
            return True
    return False


def _one_batch(rereading: Rereading) -> bool:
    later = _commented.filter(pk__gt=rereading.last_id).order_by("pk")
    ids = list(later.values_list("pk", flat=True)[:BATCH])
    if not ids:
        Rereading.objects.filter(pk=rereading.pk).update(
            finished_at=timezone.now(), shares_after=shares()
        )
        return False
    before = dict(Reading.objects.filter(pk__in=ids).values_list("pk", "sentiment"))
    read_responses(ids)
    after = dict(Reading.objects.filter(pk__in=ids).values_list("pk", "sentiment"))
    Rereading.objects.filter(pk=rereading.pk, last_id=rereading.last_id).update(
        last_id=ids[-1],
        done=rereading.done + len(ids),
        changed=rereading.changed + sum(before.get(pk) != after.get(pk) for pk in ids),
    )
    return True
