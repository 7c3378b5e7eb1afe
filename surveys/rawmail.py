"""An invitation as the bytes a mail server gets: encoded once per letter, then only filled.

Building and serializing a MIME message costs a hundred times what filling one
costs. Both parts are quoted-printable, so a mail is ASCII whatever it says and
every line is short; where something is filled in, a soft line break stands on
either side of it. What is said is what `surveys.mail.render_invitation` says.
"""

from __future__ import annotations

import re
import secrets
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formatdate
from functools import lru_cache
from itertools import chain

from django.core.mail.message import sanitize_address
from django.utils.html import escape

from surveys.envelope import (
    NAME_LIMIT,
    envelope_sender,
    headers_of,
    link_to,
    mail_id,
    sender_of,
)
from surveys.headers import one_line
from surveys.languages import supported
from surveys.mail import LINK_MARK, NAME_MARK, STOP_MARK, SUBJECT_LIMIT, Letter, draw, facts_of
from surveys.models import Invitation, Survey
from surveys.wording import content_of

_MARK = re.compile(f"({NAME_MARK}|{LINK_MARK}|{STOP_MARK})")
_PLAIN_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_LONGEST = 76
_BOUNDARY = f"=_{secrets.token_hex(12)}"  # "=_" never stands in quoted-printable text
_Piece = tuple[bytes, str]  # encoded text, and the mark of what is filled in after it


@dataclass(frozen=True, slots=True)
class RawMail:
    """One mail ready for SMTP: lines end in CRLF, dots are not doubled yet."""

    sender: str  # of the envelope
    to: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Drawn:
    subject: str
    text: Sequence[_Piece]
    html: Sequence[_Piece]
    always: str  # headers that are the same in every mail


class Writer:
    """Writes the invitations of one batch; a letter is looked up once for all it goes to."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, str, bool], _Drawn] = {}

    def write(self, invitation: Invitation, token: str) -> RawMail:
        """Return the mail; the same errors as `render_invitation`."""
        survey, contact = invitation.survey, invitation.contact
        if contact is None or survey.wording is None:
            raise ValueError(f"invitation {invitation.pk} has nobody to go to or nothing to say")
        name = one_line(contact.first_name, NAME_LIMIT)
        drawn = self._find(survey, supported(contact.language), has_name=bool(name))
        link, to = link_to(token), _address(contact.email)
        headers = {
            "Subject": one_line(drawn.subject.replace(NAME_MARK, name), SUBJECT_LIMIT),
            "To": to,
            "Date": formatdate(),
            **headers_of(invitation, f"{link}/unsubscribe"),
        }
        heads = drawn.always + "".join(_line(key, value) for key, value in headers.items())
        fill = {LINK_MARK: _fit(link), STOP_MARK: _fit(f"{link}/unsubscribe"), "": b""}
        data = [
            heads.encode("ascii"),
            _TEXT_HEAD,
            *_filled(drawn.text, fill | {NAME_MARK: _fit(name)}),
            _HTML_HEAD,
            *_filled(drawn.html, fill | {NAME_MARK: _fit(escape(name))}),
            _TAIL,
        ]
        return RawMail(envelope_sender(mail_id(invitation)), to, b"".join(data))

    def _find(self, survey: Survey, language: str, *, has_name: bool) -> _Drawn:
        key = (survey.pk, language, has_name)
        if key not in self._drawn:
            assert survey.wording is not None  # noqa: S101  looked at by the caller
            content = content_of(survey.wording.content, language)
            letter = draw(facts_of(survey, content), has_name=has_name)
            self._drawn[key] = _Drawn(letter.subject, *_pieces_of(letter), _always(survey))
        return self._drawn[key]


def _always(survey: Survey) -> str:
    reply_to = survey.brand.reply_to
    headers = {
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
        "From": sanitize_address(sender_of(survey), "utf-8"),
        **({"Reply-To": sanitize_address(reply_to, "utf-8")} if reply_to else {}),
    }
    return "".join(_line(key, value) for key, value in headers.items())


def _part_head(subtype: str) -> bytes:
    return (
        f"\r\n--{_BOUNDARY}\r\n"
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


_TEXT_HEAD, _HTML_HEAD = _part_head("plain"), _part_head("html")
_TAIL = f"\r\n--{_BOUNDARY}--\r\n".encode()


# ---- Bodies ------------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def _pieces_of(letter: Letter) -> tuple[Sequence[_Piece], Sequence[_Piece]]:
    return _pieces(letter.text), _pieces(letter.html)


def _pieces(text: str) -> Sequence[_Piece]:
    """Cut a text at its marks; what is filled in there stands on a line of its own."""
    *texts, last = _MARK.split(text)
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return (*((_fit(said), mark) for said, mark in pairs), (_encoded(last), ""))


def _filled(pieces: Sequence[_Piece], fill: dict[str, bytes]) -> chain[bytes]:
    return chain.from_iterable((said, fill[mark]) for said, mark in pieces)


def _fit(text: str) -> bytes:
    return _encoded(text) + b"=\r\n"


def _encoded(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").encode("utf-8", "replace")
    return b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


# ---- Headers -----------------------------------------------------------------------------------


def _line(name: str, value: str) -> str:
    """Return a header line, folded and encoded where it must be. ValueError for a line break."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"the header {name} cannot hold a line break")
    if value.isascii() and len(name) + len(value) + 2 <= _LONGEST:
        return f"{name}: {value}\r\n"
    if value.startswith("<"):  # addresses in angles: one a line, never cut
        folded = value.replace(">, <", ">,\r\n <")
    else:
        charset = "us-ascii" if value.isascii() else "utf-8"
        folded = Header(value, charset, header_name=name).encode(linesep="\r\n")
    return f"{name}: {folded}\r\n"


def _address(email: str) -> str:
    if _PLAIN_ADDRESS.fullmatch(email):
        return email
    return str(sanitize_address(email, "utf-8"))
