"""What conversations ask of a supervisor: the badge in the sidebar and a line on the home page."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.success.conversations import open_alerts
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
