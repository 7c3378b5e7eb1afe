"""The embedded installation's mail: every message a file, read by staff at /admin/mailbox/."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as Parsed
from email.policy import default as policy
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

PAGE_SIZE = 25
_NAME = re.compile(r"\d{20}-[0-9a-f]{8}")


class MailboxBackend(BaseEmailBackend):
    """Write each message to MAIL_DIR/<time>-<random>.eml, complete or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        directory = Path(settings.MAIL_DIR)
        directory.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
            unfinished = directory / f"{name}.tmp"
            raw = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
            unfinished.write_bytes(raw)
            unfinished.rename(directory / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class Line:
    """One mail in the list."""

    name: str
    sent_at: datetime
    to: str
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of mails, newest first, and the numbers of the pages beside it (0: none)."""

    lines: tuple[Line, ...]
    total: int
    newer: int
    older: int


@dataclass(frozen=True, slots=True)
class Mail:
    line: Line
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


def is_embedded() -> bool:
    """Tell whether mail is kept in files here; with EMAIL_URL set it leaves the house."""
    own = f"{__name__}.{MailboxBackend.__name__}"
    return bool(own == settings.EMAIL_BACKEND)


def list_mails(page: int) -> Listing:
    """Return a page (1..) of the mails; only the shown ones are opened."""
    directory = Path(settings.MAIL_DIR)
    names = sorted((path.stem for path in directory.glob("*.eml")), reverse=True)
    start = (page - 1) * PAGE_SIZE
    shown = names[start : start + PAGE_SIZE]
    return Listing(
        tuple(_line(name, _parse(name)) for name in shown),
        len(names),
        newer=page - 1,
        older=page + 1 if start + PAGE_SIZE < len(names) else 0,
    )


def read_mail(name: str) -> Mail | None:
    """Return one mail, or None when there is none of this name."""
    if not _NAME.fullmatch(name) or not _path(name).exists():
        return None
    message = _parse(name)
    return Mail(
        _line(name, message),
        _part(message, "plain"),
        _part(message, "html"),
        tuple((header, str(value)) for header, value in message.items()),
    )


def _path(name: str) -> Path:
    return Path(settings.MAIL_DIR) / f"{name}.eml"


def _parse(name: str) -> Parsed:
    return cast(Parsed, message_from_bytes(_path(name).read_bytes(), policy=policy))


def _line(name: str, message: Parsed) -> Line:
    return Line(
        name,
        datetime.fromtimestamp(int(name[:20]) / 1e9, tz=UTC),
        *(str(message.get(header, "")) for header in ("To", "From", "Subject")),
    )


def _part(message: Parsed, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
