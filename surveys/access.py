"""API keys: made once, shown once, stored as prefix and hash, limited by scopes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from surveys.models import ApiKey, Survey

if TYPE_CHECKING:  # at run time rest_framework.views imports this module
    from rest_framework.views import APIView

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
    """`Authorization: Bearer vb_…`, or Basic with the key as user name and any password.

    401 with a reason for anything else that claims to be one of the two.
    """

    def authenticate(self, request: Request) -> tuple[KeyHolder, ApiKey] | None:
        text = _presented(get_authorization_header(request))
        if text is None:
            return None
        key = ApiKey.objects.select_related("survey").filter(prefix=_prefix(text)).first()
        if key is None or not hmac.compare_digest(key.key_hash, _hash(text)):
            raise AuthenticationFailed(_("This API key is not known. Keys look like vb_1a2b3c4d_…"))
        if key.revoked_at:
            raise AuthenticationFailed(_("This API key has been revoked."))
        _note_use(key)
        return KeyHolder(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _presented(header: bytes) -> str | None:
    """Return the key text a header carries ("" for a torn one), None when it carries none."""
    scheme, __, rest = header.decode("latin-1").strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            return _user_name(rest.strip())
    return None


def _user_name(credentials: str) -> str:
    # Some clients leave the colon out; whatever follows it is not looked at.
    try:
        return base64.b64decode(credentials, validate=True).decode("latin-1").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def _prefix(text: str) -> str:
    pieces = text.split("_", 2)
    if len(pieces) != 3 or pieces[0] != "vb" or not pieces[1].isalnum():
        return ""
    return pieces[1]


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_RESOLUTION)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


class HasScope(BasePermission):
    """A key needs the scope of the call; staff need Django's permission on the model.

    A view says `scope_write` (the scope of anything but reading) and `model`;
    `survey_path` empty means its rows belong to the whole workspace, which
    a key limited to one survey may not touch.
    """

    message: Any = _("You may not do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiKey):
            return self._has_scope(request.auth, _wanted_scope(request, view)) and (
                self._is_within(request.auth, view)
            )
        user = request.user
        if not (user and user.is_authenticated):
            return False
        self.message = _("Your account lacks the permission for this.")
        return bool(user.is_staff and user.has_perm(_wanted_permission(request, view)))

    def _has_scope(self, key: ApiKey, wanted: str) -> bool:
        said = _("This API key lacks the scope '%(scope)s'. Make one with it under API keys.")
        self.message = str(said) % {"scope": wanted}
        return wanted in key.scopes

    def _is_within(self, key: ApiKey, view: APIView) -> bool:
        self.message = _(
            "This API key is limited to one survey, and this belongs to the whole workspace."
        )
        return key.survey_id is None or bool(getattr(view, "survey_path", ""))


def _wanted_scope(request: Request, view: APIView) -> str:
    if request.method in SAFE_METHODS:
        return ApiKey.Scope.READ
    return str(getattr(view, "scope_write", ApiKey.Scope.WRITE))


_VERBS = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def _wanted_permission(request: Request, view: Any) -> str:
    """Return Django's permission for this call, by `view.model` and `view.staff_verbs`."""
    verb = "view" if request.method in SAFE_METHODS else _VERBS.get(str(request.method), "change")
    named = getattr(view, "staff_verbs", {}).get(getattr(view, "action", ""), verb)
    options = view.model._meta
    return f"{options.app_label}.{named}_{options.model_name}"
