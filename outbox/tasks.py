"""Celery's entry points. Messages carry a kind, never data; results are not kept."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from django.conf import settings

from outbox import bell
from outbox.drain import drain, due_kinds, sweep
from outbox.jobs import forget
from outbox.registry import queue_of, queues

SWEEPERS_QUEUE = "work"


class KindTask(Task):  # type: ignore[misc]
    def publish(self, kind: str) -> None:
        """Send one bell to the kind's queue; raises when the broker is away."""
        # A bell that waits longer than a sweep interval has nothing left to say.
        self.apply_async(args=[kind], queue=queue_of(kind), retry=False, expires=60)


@shared_task(base=KindTask, name="outbox.drain", ignore_result=True)
def _drain_kind(kind: str) -> None:
    drain(kind)


@shared_task(name="outbox.sweep", ignore_result=True)
def sweep_due() -> None:
    """Do what is due on our own queue; ring for the kinds of the others.

    A mail server that hangs then holds up the workers of its queue, not this one.
    """
    others = [queue for queue in queues() if queue != SWEEPERS_QUEUE]
    if not settings.OUTBOX_BELL:
        others = []
    for kind in due_kinds():
        if queue_of(kind) in others:
            bell.ring(kind)
    sweep(leave=others)


drain_kind: Any = _drain_kind


@shared_task(name="outbox.forget_done", ignore_result=True)
def forget_done() -> None:
    forget()
