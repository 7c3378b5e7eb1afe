"""Who asks for a page: the session and its user, read by statements written once.

Every staff page begins with these two; both stay in the database, where a session ends for good
the moment somebody logs out or is no longer active.
"""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from outbox.prepared import Lookup

_BY_KEY = Lookup(lambda key: Session.objects.filter(session_key=key))
_BY_ID = Lookup(lambda pk: User.objects.filter(pk=pk))


class SessionStore(DatabaseSessions):
    """Django's own sessions, found faster."""

    def _get_session_from_db(self) -> Session | None:
        found = _BY_KEY.get(self.session_key)
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found


class Backend(AuthenticationBackend):
    """The login of allauth, whose users are found faster."""

    def get_user(self, user_id: Any) -> User | None:
        user = _BY_ID.get(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
