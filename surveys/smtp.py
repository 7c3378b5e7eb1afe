"""An SMTP session that knows whether a message may have left the house, and sends in one breath.

A mail takes four questions and answers. A server that allows it (RFC 2920,
nearly all do) is asked the first three at once, which halves the time over a
real network. The text itself never leaves before all three were answered.
"""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from surveys.rawmail import RawMail

_Reply = tuple[int, bytes]


class WitnessedSMTP(smtplib.SMTP):
    has_sent_data = False

    def mail(self, *args: Any, **kwargs: Any) -> Any:
        self.has_sent_data = False
        return super().mail(*args, **kwargs)

    def data(self, msg: Any) -> Any:
        self.has_sent_data = True
        return super().data(msg)

    def send_raw(self, mail: RawMail) -> None:
        """Send one written mail. Raises what `sendmail` raises and leaves the session as usable."""
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("pipelining"):
            self.sendmail(mail.sender, [mail.to], mail.data)
            return
        self.has_sent_data = False
        size = f" SIZE={len(mail.data)}" if self.has_extn("size") else ""
        self.send(f"MAIL FROM:<{mail.sender}>{size}\r\nRCPT TO:<{mail.to}>\r\nDATA\r\n")
        sender, recipient, ready = self._reply(), self._reply(), self._reply()
        if fault := _fault(mail, sender, recipient, ready):
            if ready[0] == 354:
                # It waits for a text of nobody's: one that ends at once is none.
                self.send(b".\r\n")
                self._reply()
            self._give_up(fault)
        self.has_sent_data = True
        self.send(_doubled(mail.data) + b".\r\n")
        code, words = self._reply()
        if code != 250:
            self._give_up(smtplib.SMTPDataError(code, words))

    def _reply(self) -> _Reply:
        """Return the next answer; 421 means that the server has hung up and no other comes."""
        code, words = self.getreply()
        if code == 421:
            self.close()
            raise smtplib.SMTPResponseException(code, words)
        return code, words

    def _give_up(self, fault: smtplib.SMTPException) -> None:
        self._rset()  # type: ignore[attr-defined]
        raise fault


def _fault(
    mail: RawMail, sender: _Reply, recipient: _Reply, ready: _Reply
) -> smtplib.SMTPException | None:
    """Return the first of three answers that is a refusal, as smtplib would raise it."""
    if sender[0] != 250:
        return smtplib.SMTPSenderRefused(*sender, mail.sender)
    if recipient[0] not in (250, 251):
        return smtplib.SMTPRecipientsRefused({mail.to: recipient})
    return smtplib.SMTPDataError(*ready) if ready[0] != 354 else None


def _doubled(data: bytes) -> bytes:
    """Double a dot that begins a line, which would end the text (RFC 5321)."""
    return data.replace(b"\r\n.", b"\r\n..") if b"\r\n." in data else data


class WitnessedSMTPOverTLS(smtplib.SMTP_SSL, WitnessedSMTP):
    pass


class WitnessedBackend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WitnessedSMTPOverTLS if self.use_ssl else WitnessedSMTP
