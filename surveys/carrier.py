"""Hand one message to the mail server and say how that ended, in a word the outbox understands.

At most once means knowing exactly when a message may have left the house:
from the moment DATA is sent until the server answers. Everything before is
safe to try again, everything answered is certain.
"""

from __future__ import annotations

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from requests import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from surveys import replies
from surveys.rawmail import RawMail
from surveys.replies import Verdict
from surveys.smtp import WitnessedBackend, WitnessedSMTP

_SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Outcome(Enum):
    SENT = "sent"
    LATER = "later"  # certainly not sent; may go better
    NO_SERVER = "no server"  # certainly not sent, and no other mail will be either
    REFUSED = "refused"  # certainly not sent, and never will be
    NO_ADDRESS = "no address"  # refused because the address does not exist
    UNCLEAR = "unclear"  # may have been sent


_OUTCOMES = {Verdict.NO_ADDRESS: Outcome.NO_ADDRESS, Verdict.REFUSED: Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Delivery:
    """`verdict`: what the server's words mean, where it gave any."""

    outcome: Outcome
    error: str = ""
    verdict: Verdict = Verdict.LATER


def takes_raw_mail() -> bool:
    """Tell whether mail leaves by SMTP: then it may come written (surveys.rawmail)."""
    return bool(settings.EMAIL_BACKEND == _SMTP_BACKEND)


class Carrier:
    """One connection for a batch of mails, opened when the first one is handed over.

    Use as a context manager. Never raises for a mail that failed.
    """

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None

    def __enter__(self) -> Carrier:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    @property
    def is_open(self) -> bool:
        return self._backend is not None

    def open(self) -> Delivery | None:
        """Connect; return what is wrong when there is no server to talk to."""
        if self._backend is not None:
            return None
        backend = WitnessedBackend() if takes_raw_mail() else get_connection()
        try:
            backend.open()
        except (smtplib.SMTPException, OSError) as error:
            return Delivery(Outcome.NO_SERVER, _said(error))
        self._backend = backend
        return None

    def carry(self, message: EmailMessage | RawMail) -> Delivery:
        """Hand over one message and wait for the server's word. Call `open` before."""
        assert self._backend is not None, "open() first"  # noqa: S101
        try:
            if isinstance(message, RawMail):
                cast(WitnessedSMTP, cast(Any, self._backend).connection).send_raw(message)
            else:
                self._backend.send_messages([message])
        except AnymailError as error:
            return _judge_provider(error)
        except (smtplib.SMTPException, OSError) as error:
            delivery = _judge(error, has_sent_data=self._has_sent_data())
            if not _keeps_talking(error):
                self._drop()
            return delivery
        return Delivery(Outcome.SENT)

    def _has_sent_data(self) -> bool:
        session = getattr(self._backend, "connection", None)
        return bool(getattr(session, "has_sent_data", False))

    def _drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is None:
            return
        with suppress(smtplib.SMTPException, OSError):  # a server that is gone has hung up
            backend.close()


def _answer(error: Exception) -> tuple[int, str] | None:
    """Return the server's code and words, None when it gave no proper answer."""
    code: int
    words: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
        case smtplib.SMTPResponseException():
            code, words = error.smtp_code, error.smtp_error
        case _:
            return None
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return (code, text) if 200 <= code < 600 else None


def _keeps_talking(error: Exception) -> bool:
    answer = _answer(error)
    return answer is not None and answer[0] != 421  # 421: the server hangs up


def _judge(error: Exception, *, has_sent_data: bool) -> Delivery:
    answer = _answer(error)
    if answer is None:
        return Delivery(Outcome.UNCLEAR if has_sent_data else Outcome.LATER, _said(error))
    code, text = answer
    said = f"{code} {text}"[:300]
    if 500 <= code < 600 and isinstance(error, smtplib.SMTPSenderRefused):
        # Our own address: no person's fault, every mail would fail, and staff must repair it.
        return Delivery(Outcome.NO_SERVER, said)
    verdict = replies.judge(code, text)
    return Delivery(_OUTCOMES.get(verdict, Outcome.LATER), said, verdict)


def _judge_provider(error: AnymailError) -> Delivery:
    """Judge a mail provider's HTTP answer: 4xx is certain, 5xx or silence is not."""
    if isinstance(error, AnymailRecipientsRefused):
        return Delivery(Outcome.REFUSED, _said(error))
    status = getattr(error, "status_code", None)
    if _never_connected(error):
        return Delivery(Outcome.NO_SERVER, _said(error))
    if status == 429:
        return Delivery(Outcome.LATER, _said(error))
    if status in (401, 403):
        return Delivery(Outcome.NO_SERVER, _said(error))
    if status is not None and 400 <= status < 500:
        return Delivery(Outcome.REFUSED, _said(error))
    is_unclear = isinstance(error, AnymailAPIError)
    return Delivery(Outcome.UNCLEAR if is_unclear else Outcome.REFUSED, _said(error))


def _never_connected(error: AnymailError) -> bool:
    cause = error.__cause__
    if isinstance(cause, ConnectTimeout):
        return True
    inner = cause.args[0] if cause is not None and cause.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
