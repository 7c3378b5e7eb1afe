"""Who asks for a page: the session, read by a statement written once.

Every staff page begins with it and its user (config.accounts); both stay in the database, where a
session ends for good the moment somebody logs out or is no longer active.
"""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from outbox.prepared import Lookup

_BY_KEY = Lookup(lambda key: Session.objects.filter(session_key=key))


class SessionStore(DatabaseSessions):
    """Django's own sessions, found faster."""

    def _get_session_from_db(self) -> Session | None:
        found = _BY_KEY.get(self.session_key)
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found
