"""API keys: made once, shown once, stored as prefix and hash, limited by scopes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from surveys.models import ApiKey, Survey

_USED_RESOLUTION = timedelta(minutes=1)  # one write a minute, not one a call


def create_key(
    *, name: str, scopes: Iterable[str], survey: Survey | None = None
) -> tuple[ApiKey, str]:
    """Return the stored key and its text `vb_<prefix>_<secret>`, which is never seen again."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    text = f"vb_{prefix}_{secret}"
    key = ApiKey.objects.create(
        name=name, prefix=prefix, key_hash=_hash(text), scopes=sorted(scopes), survey=survey
    )
    return key, text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class KeyHolder:
    """The "user" of a request made with a key: nobody in person."""

    is_authenticated = True
    is_staff = False
    pk = None

    def __init__(self, key: ApiKey) -> None:
        self.key = key


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer vb_…`; 401 with a reason for anything else that claims to be one."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, ApiKey] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != "bearer":
            return None
        text = parts[1] if len(parts) == 2 else ""
        key = ApiKey.objects.select_related("survey").filter(prefix=_prefix(text)).first()
        if key is None or not hmac.compare_digest(key.key_hash, _hash(text)):
            raise AuthenticationFailed(_("This API key is not known. Keys look like vb_1a2b3c4d_…"))
        if key.revoked_at:
            raise AuthenticationFailed(_("This API key has been revoked."))
        _note_use(key)
        return KeyHolder(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _prefix(text: str) -> str:
    pieces = text.split("_", 2)
    return pieces[1] if len(pieces) == 3 and pieces[0] == "vb" else ""


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_RESOLUTION)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


class HasScope(BasePermission):
    """A key needs the view's scope (`scope_read` / `scope_write` attributes); staff may read and write."""

    message = _("This API key may not do that: it lacks the scope the documentation names.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiKey):
            wanted = self._wanted(request, view)
            return wanted in request.auth.scopes
        return bool(request.user and request.user.is_authenticated and request.user.is_staff)

    def _wanted(self, request: Request, view: Any) -> str:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return str(getattr(view, "scope_read", ApiKey.Scope.READ))
        return str(getattr(view, "scope_write", ApiKey.Scope.WRITE))
