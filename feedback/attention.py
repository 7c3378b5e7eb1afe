"""What responses ask of a person: the badge in the sidebar and the lines on the home page."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.inbox import NEW_DAYS, newest_waiting
from outbox.staff.attention import Need, address
from outbox.staff.badges import Badge, Counted

MOST = 99


def _waiting_badge(count: int) -> Badge | None:
    if not count:
        return None
    shown = f"{MOST}+" if count > MOST else str(count)
    return Badge(_("%s waiting") % shown)


WAITING = Counted(lambda: [newest_waiting(MOST + 1)], _waiting_badge)


def needs(request: HttpRequest) -> list[Need]:
    """Say how many unhappy comments nobody has looked at (a source of the home page)."""
    if not request.user.has_perm("feedback.view_response"):
        return []
    count = newest_waiting(MOST + 1).count()
    if not count:
        return []
    shown = f"{MOST}+" if count > MOST else str(count)
    title = ngettext("One unhappy comment", "%(n)s unhappy comments", count) % {"n": shown}
    note = _("of the last %(days)s days, looked at by nobody yet") % {"days": NEW_DAYS}
    url = address("staff:responses", "show=new")
    return [Need(_("Comments"), title, url, note, icon="inbox", is_urgent=True, order=5)]
