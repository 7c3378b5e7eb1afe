"""What stands on an account's page: who looks after it, its signs and tasks, and its past."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.care import next_panel
from analytics.care.doing import LATEST
from analytics.care.forms import OwnerForm, TaskForm, in_a_week
from analytics.care.models import PlaybookRun, Task, WarningSign
from analytics.care.people import owner_of
from analytics.care.signs import open_signs
from analytics.care.words import TONES, Told, due_view, told
from analytics.periods import today
from analytics.success.beside import Panel
from analytics.success.moments import Moment
from outbox.days import zone
from outbox.staff.people import name_of
from surveys.models import Customer

MOST = 60
_MOST_TASKS = 20


def panels(request: HttpRequest, customer: Customer) -> list[Panel]:
    """Return the cards of an account (a source of analytics.success.beside)."""
    may, owner = request.user.has_perm, owner_of(customer)
    found = []
    if may("care.view_warningsign"):
        signs = [sign_row(sign, words) for sign, words in _signs(customer)]
        if signs:
            found.append(Panel("analytics/care/panel_signs.html", {"signs": signs}, 10))
    if may("care.view_task"):
        found += [next_panel.panel(request, customer), _tasks(request, customer, owner)]
    if may("care.view_accountowner"):
        shown = {
            "owner": name_of(owner),
            "form": OwnerForm(initial={"account_owner": owner}),
            "may_change": may("care.change_accountowner"),
        }
        found.append(Panel("analytics/care/panel_owner.html", shown, 40))
    return found


def _signs(customer: Customer) -> list[tuple[WarningSign, Told]]:
    rows = list(open_signs().filter(customer=customer).select_related("owner").order_by("due_date"))
    words = told(rows)
    return [(row, words[row.pk]) for row in rows]


def sign_row(sign: WarningSign, words: Told) -> dict[str, Any]:
    """Return a sign as lists show it."""
    return {
        "pk": sign.pk,
        "title": words.title,
        "line": words.line,
        "kind": sign.get_kind_display(),
        "state": sign.get_state_display(),
        "tone": TONES.get(sign.state, ""),
        "owner": name_of(sign.owner),
        "due": due_view(sign.due_date, today()),
        "is_open": sign.is_open,
        "raised_at": sign.raised_at,
        "ended_at": sign.ended_at,
        "ended_by": sign.ended_by,
        "reason": sign.reason,
        "confirmed": sign.get_confirmed_by_display() if sign.confirmed_by else "",
    }


def _tasks(request: HttpRequest, customer: Customer, owner: Any) -> Panel:
    rows = Task.objects.filter(customer=customer, done_at__isnull=True).select_related(
        "owner", "run"
    )
    listed = list(rows.order_by(LATEST, "id")[: _MOST_TASKS + 1])
    usual = owner or request.user
    return Panel(
        "analytics/care/panel_tasks.html",
        {
            "tasks": [task_row(task) for task in listed[:_MOST_TASKS]],
            "has_more": len(listed) > _MOST_TASKS,
            "form": TaskForm(initial={"owner": usual.pk, "due_date": in_a_week()}),
            "may_add": request.user.has_perm("care.add_task"),
            "may_change": request.user.has_perm("care.change_task"),
        },
        20,
    )


def task_row(task: Task) -> dict[str, Any]:
    """Return a task as lists show it."""
    return {
        "pk": task.pk,
        "title": task.title,
        "note": task.note,
        "owner": name_of(task.owner),
        "due": due_view(task.due_date, today()),
        "is_done": task.done_at is not None,
        "done_at": task.done_at,
        "done_by": task.done_by,
        "sign": task.sign_id,
        "origin": task.get_origin_display(),
        "run": task.run.name if task.run else "",
    }


# ---- The past ------------------------------------------------------------------------


def moments(customer: Customer) -> list[Moment]:
    """Return an account's signs and tasks as its timeline tells them; four queries at most."""
    return [*_sign_moments(customer), *_task_moments(customer)]


def _sign_moments(customer: Customer) -> list[Moment]:
    rows = list(WarningSign.objects.filter(customer=customer).order_by("-raised_at")[:MOST])
    words, found = told(rows), []
    for row in rows:
        one = words[row.pk]
        url = reverse("staff:sign", args=[row.pk])
        title = _("Warning sign: %(title)s") % {"title": one.title}
        found.append(Moment(row.raised_at, "bell", title, one.line, "negative", url))
        if row.ended_at:
            title = _("Warning sign %(state)s: %(title)s") % {
                "state": row.get_state_display(), "title": one.title,
            }  # fmt: skip
            tone = "positive" if row.state == WarningSign.State.ACTED else ""
            found.append(Moment(row.ended_at, "check", title, row.reason, tone, url))
        if row.confirmed_date:
            at = datetime.combine(row.confirmed_date, time(12), zone())
            title = _("A warning came true: %(what)s") % {"what": row.get_confirmed_by_display()}
            found.append(Moment(min(at, timezone.now()), "bell", title, one.title, "negative", url))
    return found


def _task_moments(customer: Customer) -> list[Moment]:
    found = _run_moments(customer)
    for row in Task.objects.filter(customer=customer).order_by("-created_at")[:MOST]:
        title = _("Task: %(title)s") % {"title": row.title}
        if row.created_by:
            title = _("%(who)s set a task: %(title)s") % {
                "who": row.created_by, "title": row.title,
            }  # fmt: skip
        if row.run_id is None:
            found.append(Moment(row.created_at, "clock", title, row.note))
        if row.done_at:
            title = _("%(who)s finished: %(title)s") % {"who": row.done_by, "title": row.title}
            found.append(Moment(row.done_at, "check", title, "", "positive"))
    return found


def _run_moments(customer: Customer) -> list[Moment]:
    """Return the starts of playbooks, each once, however many tasks it set."""
    rows = PlaybookRun.objects.filter(customer=customer).order_by("-started_at")
    found = []
    for row in rows.annotate(count=Count("tasks"))[:MOST]:
        title = _("Playbook started: %(name)s") % {"name": row.name}
        if row.started_by:
            title = _("%(who)s started a playbook: %(name)s") % {
                "who": row.started_by, "name": row.name,
            }  # fmt: skip
        note = ngettext("one task", "%(n)s tasks", row.count) % {"n": row.count}
        found.append(Moment(row.started_at, "clock", title, note))
    return found
