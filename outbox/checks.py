"""Loud start-up checks: a setting that can lose work or answers stops the start."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from outbox.registry import queues

# Fifteen of the first nineteen 5.2 releases carried security fixes.
DJANGO_FLOOR = (5, 2, 19)


@register()
def check_django_floor(**_: Any) -> list[CheckMessage]:
    if django.VERSION[:3] >= DJANGO_FLOOR:
        return []
    floor = ".".join(map(str, DJANGO_FLOOR))
    return [
        Error(
            f"Django {django.get_version()} is older than the security floor {floor}.",
            hint="Run `make install` to install the locked versions.",
            id="outbox.E001",
        )
    ]


@register()
def check_queues_are_consumed(**_: Any) -> list[CheckMessage]:
    """A kind on a queue that no worker listens to would only be done by sweeps elsewhere."""
    return [
        Error(
            f"Queue {queue!r} of the outbox is not in CELERY_TASK_QUEUES.",
            hint="Add it there, so that workers listen to it.",
            id="outbox.E002",
        )
        for queue in queues()
        if queue not in settings.CELERY_TASK_QUEUES
    ]
