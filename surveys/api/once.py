"""Creating calls that may be repeated: the same Idempotency-Key makes the same thing once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from outbox.transactions import write
from surveys.api.errors import BadQuery, Conflict
from surveys.models import ApiKey, RepeatableCall

KEPT_FOR = timedelta(hours=24)
_MOST = 200  # characters of a key
_SWEPT = 50  # expired rows taken away per call

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description=(
        "Any text of up to 200 characters, new for each thing you mean to make. A repeat within "
        "24 hours makes nothing and gets the first answer again; with another body it gets 409."
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a creating call came to: `said` is kept and wins over what is drawn up later."""

    status: int
    subject_id: int | None = None
    said: dict[str, Any] = field(default_factory=dict)


def once(request: Request, act: Callable[[], Told]) -> Told:
    """Run `act` in one transaction, or return what the first call with this key was told.

    BadQuery for a key that is no header text, Conflict when the key came with
    another body before.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with write():
            return act()
    if not (0 < len(key) <= _MOST and key.isascii() and key.isprintable()):
        message = _("Send 1 to %(most)s printable ASCII characters.") % {"most": _MOST}
        raise BadQuery({"Idempotency-Key": [message]})
    holder, digest = _holder(request), _digest(request)
    with write():
        _sweep()
        call = _open(holder, key, digest)
        if call is None:
            return _again(RepeatableCall.objects.get(holder=holder, key=key), digest)
        told = act()
        call.status, call.subject_id, call.said = told.status, told.subject_id, told.said
        call.save(update_fields=["status", "subject_id", "said"])
    return told


def _open(holder: str, key: str, digest: str) -> RepeatableCall | None:
    """Take the key; None when it is taken. Waits for a call that has it right now."""
    try:
        with transaction.atomic():
            return RepeatableCall.objects.create(holder=holder, key=key, digest=digest, status=0)
    except IntegrityError:
        return None


def _again(call: RepeatableCall, digest: str) -> Told:
    if call.digest != digest:
        raise Conflict(
            _("This Idempotency-Key was used with another request. Take a new key for a new one."),
            code="idempotency_key_reused",
        )
    return Told(call.status, call.subject_id, call.said)


def _holder(request: Request) -> str:
    is_key = isinstance(request.auth, ApiKey)
    return f"key:{request.auth.pk}" if is_key else f"user:{request.user.pk}"


def _digest(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _sweep() -> None:
    """Forget calls older than a day; what another call is forgetting is left to it."""
    old = RepeatableCall.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_SWEPT])
    if ids:
        RepeatableCall.objects.filter(pk__in=ids).delete()
