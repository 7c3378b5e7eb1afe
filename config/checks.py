"""Checks of how an installation is set up: `manage.py check --deploy` must be silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections


@register(deploy=True)
def check_mail_leaves(**_: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND != "surveys.mailbox.MailboxBackend" or not settings.IS_PUBLIC:
        return []
    return [
        Warning(
            "Mail is kept in files and reaches nobody, though BASE_URL is public.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587.",
            id="config.W001",
        )
    ]


@register(Tags.database)
def check_commits_are_durable(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Warn where PostgreSQL may forget an answer that we said thank you for."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            value = cursor.fetchone()[0]
        if value == "off":
            found.append(
                Warning(
                    "PostgreSQL runs with synchronous_commit=off: a crash loses thanked answers.",
                    hint="Set synchronous_commit=on for this database.",
                    id="config.W002",
                )
            )
    return found
