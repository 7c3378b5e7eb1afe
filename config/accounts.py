"""Staff accounts are made by staff: nobody signs up from outside."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

from outbox.prepared import Lookup

_BY_ID = Lookup(lambda pk: User.objects.filter(pk=pk))


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):
    """The login of allauth, whose users are found by a statement written once."""

    def get_user(self, user_id: Any) -> User | None:
        user = _BY_ID.get(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
