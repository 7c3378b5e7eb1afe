"""What waits for a person: conversations for a supervisor, sources of facts that have stopped."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.success.conversations import open_alerts
from analytics.success.kinds import KINDS
from analytics.success.models import FactSource
from analytics.success.sources import stopped
from outbox.days import local_date
from outbox.staff.attention import Need, address
from outbox.staff.badges import Badge, Counted

_MOST = 99


def _waiting() -> int:
    return int(open_alerts()[: _MOST + 1].count())


def _alert_badge(count: int) -> Badge | None:
    if not count:
        return None
    shown = f"{_MOST}+" if count > _MOST else str(count)
    return Badge(shown, is_hot=True)


ALERTS = Counted(lambda: [open_alerts().order_by()[: _MOST + 1]], _alert_badge)


def alert_needs(request: HttpRequest) -> list[Need]:
    """Say how many conversations want a supervisor nobody has been (a source of the home page)."""
    if not request.user.has_perm("success.view_conversation"):
        return []
    count = _waiting()
    if not count:
        return []
    title = ngettext(
        "One conversation wants a supervisor", "%(n)s conversations want a supervisor", count
    ) % {"n": f"{_MOST}+" if count > _MOST else count}
    note = _("predicted or by plain rules, looked at by nobody yet")
    url = address("staff:conversations", "show=alerts")
    return [Need(_("Support"), title, url, note, icon="people", is_urgent=True, order=6)]


def source_needs(request: HttpRequest) -> list[Need]:
    """Say which kinds of facts used to come in and have stopped (a source of the home page)."""
    if not request.user.has_perm("success.add_factfile"):
        return []
    now = timezone.now()
    return [_stopped_need(row, now) for row in stopped(now).values()]


def _stopped_need(row: FactSource, now: datetime) -> Need:
    silent = (local_date(now) - local_date(row.received_at)).days
    told = {"kind": KINDS[row.kind].name if row.kind in KINDS else row.kind}
    note = ngettext(
        "nothing for %(silent)s days, usually every day",
        "nothing for %(silent)s days, usually every %(pause)s days",
        max(1, round(row.pause)),
    ) % {"silent": silent, "pause": max(1, round(row.pause))}
    title = _("%(kind)s have stopped coming in") % told
    return Need(_("Facts"), title, address("staff:fact-files"), note, "alert", True, 8)
