"""A real SMTP server whose answers depend on the address: `later@`, `gone@`, `hangup@` …"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from django.test import override_settings

from tests.servers import free_port

# What the server says to RCPT TO and to the end of DATA, by the name before the @.
AT_RCPT = {
    "later": "451 4.7.1 greylisted, come back",
    "gone": "550 5.1.1 no such user",
    "unknown": "550 User unknown",
    "policy": "550 5.7.1 relaying denied",
    "busy": "421 4.3.2 too busy, goodbye",
}
AT_DATA = {
    "spam": "554 5.7.1 looks like spam",
    "full": "452 4.2.2 mailbox full",
    "vanished": "550 5.1.1 no such user",
}


class PostOffice:
    """Accepts what it is not told to refuse; `before_answer(address)` runs at the end of DATA."""

    def __init__(self) -> None:
        self.port = free_port()
        self.delivered: list[str] = []
        self.raw: list[bytes] = []
        self.sessions = 0
        self.has_pipelining = True  # as nearly all servers
        self.before_answer: Callable[[str], object] = lambda address: None

    def to(self, address: str) -> int:
        return self.delivered.count(address)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        own = ["250-PIPELINING"] if self.has_pipelining else []
        return [*responses[:-1], *own, responses[-1]]

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.7.1 not your address"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        name = address.split("@")[0]
        if name == "hangup":
            server.transport.abort()
        if name in AT_RCPT:
            return AT_RCPT[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        address = envelope.rcpt_tos[0]
        name = address.split("@")[0]
        if name in AT_DATA:
            return AT_DATA[name]
        # In a thread of its own, as whatever a test does meanwhile may use the database.
        worker = threading.Thread(target=self.before_answer, args=[address])
        worker.start()
        worker.join()
        self.delivered.append(address)
        self.raw.append(envelope.original_content or envelope.content)
        if name == "silence":
            server.transport.abort()
        return "250 kept"


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    smtp = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": office.port,
        "EMAIL_TIMEOUT": 5,
        "DEFAULT_FROM_EMAIL": "Surveys <surveys@ask.example>",
    }
    try:
        with override_settings(**smtp):
            yield office
    finally:
        controller.stop()
