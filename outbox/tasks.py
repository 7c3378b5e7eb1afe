"""Celery's entry points. Messages carry a kind, never data; results are not kept."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from outbox.drain import drain, sweep
from outbox.jobs import forget
from outbox.registry import queue_of


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
    sweep()


drain_kind: Any = _drain_kind


@shared_task(name="outbox.forget_done", ignore_result=True)
def forget_done() -> None:
    forget()
