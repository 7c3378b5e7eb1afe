"""How long the oldest due work has been waiting: the one figure that shows a missing worker."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from outbox.models import Job
from outbox.registry import handler_of, kinds

PATIENCE = timedelta(hours=1)
"""How long work that gives way to all other may wait before that says anything about workers."""


def oldest_due() -> timedelta:
    """Return how long the oldest due job has waited, zero when nothing is due.

    A job whose worker died with it counts from the end of its lease.
    """
    patient = [kind for kind in kinds() if handler_of(kind).gives_way]
    due = Job.objects.filter(state=Job.State.PENDING, due_at__lte=Now())
    due = due.exclude(kind__in=patient, due_at__gt=Now() - PATIENCE)
    held = Job.objects.filter(state__in=[Job.State.CLAIMED, Job.State.HANDED])
    return max(_waited(due, "due_at"), _waited(held.filter(lease_until__lt=Now()), "lease_until"))


def _waited(jobs: QuerySet[Job], since: str) -> timedelta:
    row = jobs.order_by(since).values_list(Now(), since).first()
    return row[0] - row[1] if row else timedelta(0)
