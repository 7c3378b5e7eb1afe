"""The embedded installation's mail: every message a file, read by staff at /admin/mailbox/."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MailboxBackend(BaseEmailBackend):
    """Write each message to MAIL_DIR/<time>-<random>.eml, complete or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        directory = Path(settings.MAIL_DIR)
        directory.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
            unfinished = directory / f"{name}.tmp"
            unfinished.write_bytes(message.message().as_bytes(linesep="\r\n"))
            unfinished.rename(directory / f"{name}.eml")
        return len(email_messages)
