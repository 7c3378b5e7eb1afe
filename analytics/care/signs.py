"""What people do about a warning sign: look at it, act, dismiss it with a reason, hand it over."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.care.models import WarningSign
from analytics.care.rules import rows_of
from analytics.success.conversations import mark_handled
from outbox.transactions import write

_State = WarningSign.State
BY_HAND = (_State.OPEN, _State.SEEN, _State.ACTED, _State.DISMISSED)
_LONGEST = 500


class Refused(ValueError):
    """A change makes no sense; `field` is what is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def open_signs() -> QuerySet[WarningSign]:
    return WarningSign.objects.filter(ended_at__isnull=True)


def unseen_signs() -> QuerySet[WarningSign]:
    """Return the open signs nobody has looked at."""
    return open_signs().filter(state=_State.OPEN)


def set_state(sign: WarningSign, state: str, *, by: str, reason: str = "") -> WarningSign:
    """Bring a sign into a state a person may choose; repeatable. Refused for what makes no sense.

    Whoever ends a conversation's sign has looked at it: its alerts leave the supervisor's
    list. A sign that has ended can be opened again while no other of its kind is open.
    """
    reason = reason.strip()
    if state not in BY_HAND:
        raise Refused("state", _("Choose new, seen, acted on or dismissed."))
    if len(reason) > _LONGEST:
        raise Refused("reason", _("Say it in at most 500 characters."))
    if state == _State.DISMISSED and not reason:
        raise Refused("reason", _("Say why it is no warning: that is how the rules get better."))
    by = by[:150]
    with write():
        found = WarningSign.objects.select_for_update().get(pk=sign.pk)
        if found.state == state and found.reason == reason:
            return found
        _change(found, state, by=by, reason=reason)
        try:
            found.save()
        except IntegrityError:
            raise Refused("state", _("Another sign of this kind is open on the account.")) from None
        if not found.is_open and found.kind == WarningSign.Kind.CONVERSATION:
            mark_handled(*rows_of(found.evidence), by=by)
    return found


def _change(sign: WarningSign, state: str, *, by: str, reason: str) -> None:
    now = timezone.now()
    sign.state, sign.reason = state, reason
    if state == _State.OPEN:
        sign.seen_at, sign.seen_by = None, ""
    elif sign.seen_at is None:
        sign.seen_at, sign.seen_by = now, by
    is_over = state in (_State.ACTED, _State.DISMISSED)
    sign.ended_at, sign.ended_by = (now, by) if is_over else (None, "")


def hand_over(sign: WarningSign, *, owner: Any, due_date: date) -> None:
    """Say who looks after a sign, and until when."""
    sign.owner, sign.due_date = owner, due_date
    sign.save(update_fields=["owner", "due_date"])


def look_after(sign: WarningSign, user: Any) -> WarningSign:
    """Take a sign: seen, and owned by whoever pressed, unless it is somebody's already."""
    if sign.state == _State.OPEN:
        sign = set_state(sign, _State.SEEN, by=user.get_username())
    if sign.owner_id is None:
        hand_over(sign, owner=user, due_date=sign.due_date)
    return sign
