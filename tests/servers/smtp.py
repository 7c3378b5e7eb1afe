"""A real SMTP server on loopback that keeps what it receives, or refuses it on request."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.processes import free_port, wait_until


@dataclass(frozen=True, slots=True)
class Received:
    """One delivered mail: whom the envelope named, and the parsed message."""

    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""


class SmtpServer:
    """Collects mails in `received`; `refuse("451 later")` answers that to every message."""

    def __init__(self) -> None:
        self.port = free_port()
        self.received: list[Received] = []
        self._refusals: list[str] = []
        self._always: str | None = None
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    def refuse(self, answer: str, *, times: int | None = None) -> None:
        """Answer the end of every message (or of the next `times`) with e.g. "550 no such user"."""
        if times is None:
            self._always = answer
        else:
            self._refusals += [answer] * times

    def accept(self) -> None:
        self._always, self._refusals = None, []

    def clear(self) -> None:
        self.accept()
        self.received.clear()

    def to(self, address: str) -> list[Received]:
        return [mail for mail in self.received if address in mail.recipients]

    def wait_for(self, count: int, *, seconds: float = 30) -> list[Received]:
        """Return the mails once there are `count`; TimeoutError otherwise."""
        wait_until(
            lambda: len(self.received) >= count,
            seconds=seconds,
            what=f"{count} mails, {len(self.received)} so far",
        )
        return self.received

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._refusals:
            return self._refusals.pop(0)
        if self._always:
            return self._always
        raw: Any = envelope.content
        message = message_from_bytes(raw, policy=email.policy.default)
        self.received.append(Received(tuple(envelope.rcpt_tos), message, raw))
        return "250 kept"


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
