"""Answers of people we do not know: each opening of the page may become one invitation.

The page carries a signed start: when it was opened, and the nonce its
invitation will have. So a double click, a repeat after a lost connection and
the way back change one answer instead of making a second one. Nothing is
written before the answer itself.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from surveys import rates, tokens
from surveys.models import Invitation, ShareLink, Survey
from surveys.tokens import Start

OPEN_FOR = 24 * 3600  # seconds a page may stay open before its answer
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is mistaken for something else
_CODE = 10


class NotOpen(Exception):
    """The link is switched off."""


class Full(Exception):
    """As many people have answered as were wanted."""


class TooMany(Exception):
    """Too many answers came from this network; `seconds` to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds)


def new_share_link(survey: Survey, **fields: Any) -> ShareLink:
    """Return an unsaved link with a code people can type."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE))
    return ShareLink(survey=survey, code=code, **fields)


def find(code: str) -> ShareLink | None:
    rows = ShareLink.objects.select_related("survey__brand", "survey__wording")
    return rows.defer("survey__brand__logo").filter(code=code).first()


def start(link: ShareLink) -> str:
    """Return what a page carries until it is answered."""
    return tokens.new_start(settings.LINK_KEYS, purpose=link.code, now=time.time())


def started(link: ShareLink, text: str) -> Start | None:
    """Read a start back; None when it is forged, another link's or too old."""
    found = tokens.read_start(settings.LINK_KEYS, text, purpose=link.code)
    if found is None or not -300 <= time.time() - found.at <= OPEN_FOR:
        return None
    return found


def known(found: Start) -> Invitation | None:
    """Return the invitation of a start that was answered before."""
    rows = Invitation.objects.select_related("survey__brand", "survey__wording", "contact")
    return rows.filter(token_hash=tokens.hash_of(_token(found))).first()


def check(link: ShareLink) -> None:
    """NotOpen or Full when the link takes no further answer."""
    if not link.is_open:
        raise NotOpen(link.code)
    if link.is_full:
        raise Full(link.code)


def pace(link: ShareLink, network: str) -> None:
    """Count one more answer of this network. TooMany."""
    wait = rates.take(f"share:{link.pk}:{network}", most=link.per_hour, seconds=3600)
    if wait:
        raise TooMany(wait)


def admit(link: ShareLink, found: Start) -> Invitation:
    """Return the invitation of one more answer. Call inside a transaction with the answer.

    NotOpen, Full; whoever posts the same start twice at once gets the same one.
    """
    now = timezone.now()
    row = _invitation(link, found, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Invitation.objects.select_related("survey__brand").get(token_hash=row.token_hash)
    has_room = Q(most_answers__isnull=True) | Q(answers__lt=F("most_answers"))
    counted = ShareLink.objects.filter(has_room, pk=link.pk, is_open=True).update(
        answers=F("answers") + 1, last_answer_at=now
    )
    if not counted:
        link.refresh_from_db(fields=["is_open", "answers", "most_answers"])
        check(link)
        raise NotOpen(link.code)
    return row


def visitor(link: ShareLink) -> Invitation:
    """Return an invitation that is stored nowhere: what a page needs before it is answered."""
    return _invitation(link, None, timezone.now())


def _invitation(link: ShareLink, found: Start | None, now: datetime) -> Invitation:
    row = Invitation(
        survey=link.survey,
        share_link=link,
        channel=link.channel,
        state=Invitation.State.OPEN,
        properties=link.properties,
        expires_at=now + timedelta(days=link.survey.link_days),
    )
    if found:
        row.nonce, row.key_id = found.nonce, found.key_id
        row.token_hash = tokens.hash_of(_token(found))
        row.opened_at = datetime.fromtimestamp(found.at, UTC)
    return row


def _token(found: Start) -> str:
    return tokens.rebuild(settings.LINK_KEYS, key_id=found.key_id, nonce=found.nonce)
