"""What accounts ask of a person: lines on the home page, and the count in the sidebar."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.care import doing
from analytics.care.signs import open_signs, unseen_signs
from analytics.periods import today
from outbox.staff.attention import Need, address
from outbox.staff.badges import Badge, Counted

_MOST = 99


def _badge(count: int) -> Badge | None:
    if not count:
        return None
    return Badge(f"{_MOST}+" if count > _MOST else str(count), is_hot=True)


SIGNS = Counted(lambda: [unseen_signs().order_by()[: _MOST + 1]], _badge)


def needs(request: HttpRequest) -> list[Need]:
    """Say what is unseen, and what of this person's is late or due (a source of the home page)."""
    found: list[Need] = []
    if request.user.has_perm("care.view_warningsign"):
        found += _signs(request)
    if request.user.has_perm("care.view_task"):
        found += _tasks(request)
    return found


def _signs(request: HttpRequest) -> list[Need]:
    mine = Q(owner=request.user.pk)
    told = open_signs().aggregate(
        unseen=Count("pk", filter=Q(state="open") & (mine | Q(owner__isnull=True))),
        late=Count("pk", filter=mine & Q(due_date__lt=today())),
    )
    found = []
    if count := told["unseen"]:
        said = ngettext(
            "One warning sign nobody has looked at",
            "%(n)s warning signs nobody has looked at",
            count,
        )
        title = said % {"n": figures.count_text(count)}
        url = address("staff:signs", "show=new")
        note = _("of accounts that are yours or nobody’s")
        found.append(Need(_("Accounts"), title, url, note, "bell", is_urgent=True, order=7))
    if count := told["late"]:
        said = ngettext(
            "One warning sign of yours is overdue",
            "%(n)s warning signs of yours are overdue",
            count,
        )
        title = said % {"n": figures.count_text(count)}
        url = address("staff:signs", "who=mine")
        found.append(Need(_("Accounts"), title, url, "", "bell", is_urgent=True, order=7))
    return found


def _tasks(request: HttpRequest) -> list[Need]:
    told = doing.counts(today(), request.user.pk)
    late, due = told["overdue"], told["due"] - told["overdue"]
    found = []
    if late:
        said = ngettext("One task of yours is overdue", "%(n)s tasks of yours are overdue", late)
        title, url = said % {"n": figures.count_text(late)}, address("staff:tasks", "show=overdue")
        found.append(Need(_("Accounts"), title, url, "", "check", is_urgent=True, order=8))
    if due:
        said = ngettext("One task of yours is due today", "%(n)s tasks of yours are due today", due)
        title, url = said % {"n": figures.count_text(due)}, address("staff:tasks", "show=due")
        found.append(Need(_("Accounts"), title, url, "", "check", order=30))
    return found
