"""Mails to colleagues: plain text, no reply expected, a repeat recognisable by its id."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage


def staff_mail(subject: str, paragraphs: list[str], *, to: str, key: str) -> EmailMessage:
    """Return one mail; the same `key` always gives the same Message-ID."""
    host = settings.BASE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Message-ID": f"<{key}@{host}>",
    }
    return EmailMessage(subject, "\n\n".join(paragraphs) + "\n", to=[to], headers=headers)
