"""Who a mail is from, where reports about it go, and the headers mailbox providers ask for."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from surveys.dsn import mail_address
from surveys.headers import one_line
from surveys.models import Invitation, Survey

NAME_LIMIT = 70
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def sender_of(survey: Survey) -> str:
    """Return who the mail is from, as people see it."""
    brand = survey.brand
    return formataddr((one_line(brand.sender_name or brand.name, NAME_LIMIT), _own_address()))


def envelope_sender(guid: UUID) -> str:
    """Return where reports about a mail go to."""
    return _reports_to(guid) or _own_address()


def link_to(token: str) -> str:
    return f"{settings.BASE_URL}/s/{token}"


def _own_address() -> str:
    return _address_in(settings.DEFAULT_FROM_EMAIL)


@lru_cache(maxsize=8)
def _address_in(sender: str) -> str:
    return parseaddr(sender)[1]


def _reports_to(guid: UUID) -> str:
    return mail_address(settings.BOUNCE_ADDRESS, guid) if settings.BOUNCE_ADDRESS else ""


def mail_id(invitation: Invitation) -> UUID:
    """Return the id a mail carries outside: found again by `token_hash`, opens nothing."""
    return UUID(bytes=bytes(invitation.token_hash)[:16])


def headers_of(invitation: Invitation, stop: str) -> dict[str, str]:
    """Return what mailbox providers ask of list mail: RFC 2369, 2919, 3834, 8058, Feedback-ID."""
    survey, host = invitation.survey, urlsplit(settings.BASE_URL).hostname
    reply_to = survey.brand.reply_to
    guid = mail_id(invitation)
    write_to = _reports_to(guid) or reply_to
    by_mail = f", <mailto:{write_to}?subject=unsubscribe>" if write_to else ""
    return {
        **AUTOMATIC,
        "Message-ID": f"<{guid}@{host}>",
        "X-Verbatim-Id": str(guid),
        "List-Id": f"<{survey.slug}.surveys.{host}>",
        "List-Unsubscribe": f"<{stop}>{by_mail}",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{invitation.campaign_id or 'single'}:{survey.slug}:invitation:verbatim",
    }
