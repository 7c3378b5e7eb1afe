"""The card "Next step" of an account: what to do now, with the button that does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.care.models import Playbook, Task, WarningSign
from analytics.care.next_steps import Next, OpenSign, OpenStep, next_for
from analytics.care.playbooks import fitting
from analytics.care.rules import Kind
from analytics.care.signs import open_signs
from analytics.care.words import told
from analytics.periods import today
from analytics.success.beside import Panel
from analytics.success.metrics.health import Band
from analytics.success.models import HealthSnapshot
from analytics.success.overrides import overrides_at
from analytics.success.renewals_due import due_dates
from surveys.models import Customer

_FRESH = timedelta(days=7)  # as old as a stored health may be to speak of now


def panel(request: HttpRequest, customer: Customer) -> Panel:
    signs = list(open_signs().filter(customer=customer).prefetch_related("runs"))
    books = list(Playbook.objects.order_by("name"))
    inside = fitting(books, [customer.pk]) if books else {}
    suiting = [book for book in books if customer.pk in inside[book.pk]]
    tasks = list(Task.objects.filter(customer=customer, done_at__isnull=True).select_related("run"))
    found = next_for(
        steps=[
            OpenStep(task.pk, task.due_date, task.step, task.sign_id or 0)
            for task in tasks
            if task.step is not None
        ],
        signs=[_plain(sign, suiting) for sign in signs],
        has_tasks=bool(tasks),
        band=_band(customer),
        days_left=_days_left(customer),
    )
    may_start = request.user.has_perm("care.add_playbookrun")
    shown = {
        **_shown(found, tasks=tasks, signs=signs, books=books, customer=customer),
        "books": suiting if may_start else [],
        "may_start": may_start,
        "may_change": request.user.has_perm("care.change_task"),
    }
    return Panel("analytics/care/panel_next.html", shown, 5)


def _plain(sign: WarningSign, suiting: list[Playbook]) -> OpenSign:
    return OpenSign(
        sign.pk,
        cast(Kind, sign.kind),
        sign.due_date,
        frozenset(run.pk for run in sign.runs.all()),
        tuple(book.pk for book in suiting if book.trigger == sign.kind),
    )


def _band(customer: Customer) -> Band | None:
    """Return the band people go by: a person's word, else that of the newest stored health."""
    said = overrides_at(timezone.now(), [customer.pk]).get(customer.pk)
    if said:
        return said.band
    rows = HealthSnapshot.objects.filter(customer=customer, day__gt=today() - _FRESH)
    return cast("Band | None", rows.values_list("band", flat=True).first() or None)


def _days_left(customer: Customer) -> int | None:
    due = due_dates(today(), only=[customer.pk]).get(customer.pk)
    return (due - today()).days if due else None


def _shown(
    found: Next,
    *,
    tasks: list[Task],
    signs: list[WarningSign],
    books: list[Playbook],
    customer: Customer,
) -> dict[str, Any]:
    """Return the sentence, and what its button needs."""
    if found.what == "step":
        task = next(one for one in tasks if one.pk == found.task)
        name = task.run.name if task.run else ""
        said = _("Step %(n)s of “%(name)s”") % {"n": task.step, "name": name}
        return {"what": found.what, "title": task.title, "note": said, "task": task}
    if found.sign:
        sign = next(one for one in signs if one.pk == found.sign)
        return _about(found, sign, {book.pk: book for book in books})
    title, note = {
        "talk": (
            _("Talk with them"),
            _("Health is poor and nothing is under way. Note what you learn and their pulse."),
        ),
        "renew": (
            _("Speak about the next term"),
            _("The term ends within 30 days and nothing is under way."),
        ),
    }.get(found.what, (_("Nothing needs doing now."), ""))
    return {"what": found.what, "title": title, "note": note}


def _about(found: Next, sign: WarningSign, books: dict[int, Playbook]) -> dict[str, Any]:
    title = told([sign])[sign.pk].title
    url = reverse("staff:sign", args=[sign.pk])
    if found.what == "start":
        book = books[found.playbook]
        said = _("Start the playbook “%(name)s”") % {"name": book.name}
        return {"what": "start", "title": said, "note": title, "book": book, "sign": sign}
    said = _("Look after the warning sign")
    if found.what == "judge":
        said = _("Say what came of the warning: every step is done")
    return {"what": found.what, "title": said, "note": title, "url": url}
