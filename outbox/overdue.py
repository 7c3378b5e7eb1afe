"""How long the oldest due work has been waiting: the one figure that shows a missing worker."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max, Min, Q
from django.db.models.functions import Now

from outbox.models import Job


def oldest_due() -> timedelta:
    """Return how long the oldest due job has waited, zero when nothing is due.

    A job whose worker died with it counts from the end of its lease.
    """
    due = Q(state=Job.State.PENDING, due_at__lte=Now())
    abandoned = Q(state__in=[Job.State.CLAIMED, Job.State.HANDED], lease_until__lt=Now())
    row = Job.objects.annotate(now=Now()).aggregate(
        due=Min("due_at", filter=due),
        abandoned=Min("lease_until", filter=abandoned),
        now=Max("now", filter=due | abandoned),
    )
    since = [moment for moment in (row["due"], row["abandoned"]) if moment]
    return row["now"] - min(since) if since else timedelta(0)
