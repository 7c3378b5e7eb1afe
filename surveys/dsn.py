"""Read one mail of the bounce mailbox: what does it say about which of our mails?

Pure. Understands delivery-status notices (RFC 3464), complaints (RFC 5965)
and requests to unsubscribe sent to the address in List-Unsubscribe. A mail is
found by the id in the address the notice came to, or in the headers it gives
back; the recipient a notice names is never believed, because anybody can
write one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any
from uuid import UUID

from surveys import replies

READ_AT_MOST = 1_000_000  # bytes; what matters stands in front
_HEX = "[0-9a-f]{32}"
_IN_ADDRESS = re.compile(rf"\+({_HEX})@", re.IGNORECASE)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IN_HEADERS = re.compile(rf"^(?:X-Verbatim-Id:\s*|Message-ID:\s*<)({_UUID})", re.I | re.M)
_STATUS = re.compile(r"\b([45])\.\d{1,3}\.\d{1,3}\b")
_RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_DAEMONS = re.compile(r"mailer-daemon|postmaster", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` is one of MailEvent.Kind, or "" for a mail that reports nothing."""

    kind: str
    mail_id: UUID | None
    event_id: str
    said: str = ""


def mail_address(base: str, mail_id: UUID) -> str:
    """Return the address that reports about one mail go to: bounces+<id>@ask.example.com."""
    local, _at, domain = base.rpartition("@")
    return f"{local}+{mail_id.hex}@{domain}"


def read(raw: bytes) -> Notice:
    """Return what a mail reports; never raises, whatever the mail looks like."""
    raw = raw[:READ_AT_MOST]
    message = message_from_bytes(raw)
    kind, said = _report(message)
    name = _header(message, "Message-ID").encode("utf-8", "surrogatepass") or raw
    event_id = f"mailbox:{hashlib.sha256(name).hexdigest()[:40]}"
    return Notice(kind, _mail_id(message, raw), event_id, storable(said)[:300])


def storable(text: str) -> str:
    """Return what a database can keep: no NUL, no half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


# ---- What it says --------------------------------------------------------------------------


def _report(message: Message[str, str]) -> tuple[str, str]:
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status":
                return _delivery_status(part)
            case "message/feedback-report":
                return _complaint(part)
    if _asks_to_unsubscribe(message):
        return "unsubscribed", "by mail"
    return _old_bounce(message)


def _delivery_status(part: Message[str, str]) -> tuple[str, str]:
    """Read the first block that is about a recipient; each of our mails has only one."""
    for block in _blocks(part):
        action = _header(block, "Action").strip().lower()
        status = _header(block, "Status").strip()
        said = f"{status} {_header(block, 'Diagnostic-Code')}".strip()
        match action:
            case "failed":
                return _failure(status, said)
            case "delayed":
                return "delayed", said
            case "delivered" | "relayed" | "expanded":
                return "delivered", said
    return "", ""


def _failure(status: str, said: str) -> tuple[str, str]:
    """Judge a mail that was given up: also after days of 4xx it did not arrive, but may live."""
    code = 400 if status.startswith("4") else 500
    is_dead = replies.judge(code, said) is replies.Verdict.NO_ADDRESS
    return ("bounced" if is_dead else "returned"), said


def _complaint(part: Message[str, str]) -> tuple[str, str]:
    for block in _blocks(part):
        kind = _header(block, "Feedback-Type").strip().lower()
        if kind:
            return ("" if kind == "not-spam" else "complained"), kind
    return "", ""


def _blocks(part: Message[str, str]) -> Iterator[Any]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from payload
    else:
        yield message_from_bytes(str(payload).encode("utf-8", "replace"))


def _asks_to_unsubscribe(message: Message[str, str]) -> bool:
    if _header(message, "Auto-Submitted").strip().lower() not in ("", "no"):
        return False
    is_ours = any(_IN_ADDRESS.search(text) for text in _recipients(message))
    return is_ours and _header(message, "Subject").strip().lower() == "unsubscribe"


def _old_bounce(message: Message[str, str]) -> tuple[str, str]:
    """Read a bounce in free text (qmail, old gateways), if a mail daemon wrote it."""
    if not _DAEMONS.search(_header(message, "From")):
        return "", ""
    text = next((p for p in message.walk() if p.get_content_type() == "text/plain"), None)
    body = text.get_payload(decode=True) if text else b""
    words = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    found = _STATUS.search(words)
    if found is None or found[1] == "4":
        return "", ""
    line = next(line for line in words.splitlines() if found[0] in line)
    return _failure(found[0], line.strip())


# ---- Which mail it is about ------------------------------------------------------------------


def _mail_id(message: Message[str, str], raw: bytes) -> UUID | None:
    for text in _recipients(message):
        if found := _IN_ADDRESS.search(text):
            return UUID(hex=found[1])
    given_back = _IN_HEADERS.findall(raw.decode("ascii", "replace"))
    return UUID(given_back[-1]) if given_back else None


def _recipients(message: Message[str, str]) -> list[str]:
    return [
        str(value) for name in _RECIPIENT_HEADERS for value in message.get_all(name, failobj=[])
    ]


def _header(message: Message[str, str], name: str) -> str:
    """Return a header in one line, "" when there is none."""
    return " ".join(str(message.get(name, "")).split())
