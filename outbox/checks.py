"""Loud start-up checks: a setting that can lose work or answers stops the start."""

from __future__ import annotations

from typing import Any

import django
from django.core.checks import CheckMessage, Error, register

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
