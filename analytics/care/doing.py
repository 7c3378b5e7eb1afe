"""Tasks: made, changed, finished, opened again; and which of them are whose and late."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from analytics.care.models import Task

SHOWN = ("open", "due", "overdue", "done")
LATEST = F("due_date").asc(nulls_last=True)


def tasks_shown(show: str, today: date) -> QuerySet[Task]:
    """Return tasks in the order people come to them: open, due by today, overdue, or done."""
    if show == "done":
        return Task.objects.filter(done_at__isnull=False).order_by("-done_at", "-id")
    rows = Task.objects.filter(done_at__isnull=True).order_by(LATEST, "id")
    if show == "due":
        return rows.filter(due_date__lte=today)
    return rows.filter(due_date__lt=today) if show == "overdue" else rows


def counts(today: date, mine: Any = None) -> dict[str, int]:
    """Return show -> how many tasks it has, of everybody or of one person; one query."""
    rows = Task.objects.all() if mine is None else Task.objects.filter(owner=mine)
    is_open = Q(done_at__isnull=True)
    found: dict[str, int] = rows.aggregate(
        open=Count("pk", filter=is_open),
        due=Count("pk", filter=is_open & Q(due_date__lte=today)),
        overdue=Count("pk", filter=is_open & Q(due_date__lt=today)),
        done=Count("pk", filter=~is_open),
    )
    return found


def finish(task: Task, *, by: str) -> bool:
    """Mark a task done; False when it was done already: the first one stays on record."""
    rows = Task.objects.filter(pk=task.pk, done_at__isnull=True)
    return bool(rows.update(done_at=timezone.now(), done_by=by[:150]))


def reopen(task: Task) -> bool:
    """Take a task as not done; False when it was open already."""
    rows = Task.objects.filter(pk=task.pk, done_at__isnull=False)
    return bool(rows.update(done_at=None, done_by=""))
