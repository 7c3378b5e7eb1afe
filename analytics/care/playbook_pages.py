"""Staff pages of playbooks: all of them, one to write, and the button that starts one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import figures
from analytics.care.examples import EXAMPLES, example_of
from analytics.care.models import Playbook, Task, WarningSign
from analytics.care.playbook_forms import PlaybookForm, StepFormSet, initial_of, initial_steps
from analytics.care.playbooks import MOST, CannotStart, drop_open, save, start, used
from outbox.staff.pages import staff_page
from surveys.models import Customer, Segment

_VIEW, _ADD, _CHANGE = "care.view_playbook", "care.add_playbook", "care.change_playbook"
_START = "care.add_playbookrun"


@require_safe
@staff_page(_VIEW)
def playbooks(request: HttpRequest) -> HttpResponse:
    """What do we do when an account warns us?"""
    rows = list(Playbook.objects.prefetch_related("steps")[:MOST])
    counts, names = used(rows), dict(Segment.objects.values_list("slug", "name"))
    taken = {str(row.name) for row in rows}
    return render(
        request,
        "analytics/care/playbooks.html",
        {
            "rows": [_line(row, counts[row.pk], names) for row in rows],
            "examples": [one for one in EXAMPLES if str(one.name) not in taken],
            "may_add": request.user.has_perm(_ADD) and len(rows) < MOST,
            "may_change": request.user.has_perm(_CHANGE),
        },
    )


def _line(row: Playbook, counts: tuple[int, int, int], names: dict[str, str]) -> dict[str, Any]:
    runs, tasks, done = counts
    steps = list(row.steps.all())
    return {
        "pk": row.pk,
        "name": row.name,
        "trigger": row.get_trigger_display(),
        "is_by_hand": row.trigger == Playbook.Trigger.HAND,
        "is_active": row.is_active,
        "segment": names.get(row.segment, row.segment),
        "steps": " → ".join(step.title for step in steps),
        "days": max((step.after_days for step in steps), default=0),
        "runs": figures.count_text(runs),
        "done": _("%(done)s of %(tasks)s tasks done")
        % {"done": figures.count_text(done), "tasks": figures.count_text(tasks)}
        if tasks
        else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_ADD)
def new_playbook(request: HttpRequest) -> HttpResponse:
    """Write one, from an example of ours or from nothing."""
    if Playbook.objects.count() >= MOST:
        messages.error(request, _("There are %(n)s playbooks: delete one first.") % {"n": MOST})
        return redirect("staff:playbooks")
    example = example_of(request.GET.get("example", ""))
    initial, rows = initial_of(example) if example else ({}, [])
    return _form_page(request, Playbook(), initial, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_CHANGE)
def edit_playbook(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Playbook, pk=pk)
    return _form_page(request, found, {}, initial_steps(found))


def _form_page(
    request: HttpRequest, playbook: Playbook, initial: dict[str, Any], rows: list[dict[str, Any]]
) -> HttpResponse:
    form = PlaybookForm(request.POST or None, instance=playbook, initial=initial)
    steps: Any = StepFormSet(request.POST or None, initial=rows, prefix="steps")
    if request.method == "POST" and form.is_valid() and steps.is_valid():
        save(form.instance, steps.steps())
        messages.success(
            request, _("The playbook is saved. Tasks it made before stay as they are.")
        )
        return redirect("staff:playbooks")
    is_wrong = form.is_bound and not (form.is_valid() and steps.is_valid())
    context = {
        "form": form,
        "steps": steps,
        "playbook": playbook if playbook.pk else None,
        "name": Playbook.objects.filter(pk=playbook.pk).values_list("name", flat=True).first()
        if playbook.pk
        else "",
    }
    return render(
        request, "analytics/care/playbook_form.html", context, status=422 if is_wrong else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("care.delete_playbook")
def delete_playbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what stays; delete it on POST."""
    found = get_object_or_404(Playbook, pk=pk)
    if request.method == "POST":
        found.delete()
        messages.success(request, _("“%(name)s” is deleted.") % {"name": found.name})
        return redirect("staff:playbooks")
    left = Task.objects.filter(run__playbook=found, done_at__isnull=True).count()
    return render(
        request, "analytics/care/playbook_delete.html", {"playbook": found, "open_tasks": left}
    )


@require_POST
@staff_page(_START)
def start_playbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a playbook on an account, for one of its open signs or for none."""
    customer = get_object_or_404(Customer, pk=pk)
    playbook = Playbook.objects.filter(pk=_key(request, "playbook")).first()
    if playbook is None:
        messages.error(request, _("Choose a playbook of the list."))
        return redirect("staff:account", pk)
    sign = WarningSign.objects.filter(
        customer=customer, pk=_key(request, "sign"), ended_at__isnull=True
    ).first()
    by = request.user.get_username()
    try:
        run = start(playbook, customer, user=request.user, by=by, sign=sign)
    except CannotStart as error:
        messages.error(request, str(error))
    else:
        count = run.tasks.count()
        said = ngettext("Started: one task is set.", "Started: %(n)s tasks are set.", count)
        messages.success(request, said % {"n": count})
    return redirect("staff:account", pk)


def _key(request: HttpRequest, name: str) -> int:
    """Return the key a button names; 0, which nothing has, for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@require_POST
@staff_page("care.delete_task")
def drop_tasks(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete what a playbook still wants done for a sign that has ended."""
    sign = get_object_or_404(WarningSign, pk=pk, ended_at__isnull=False)
    count = drop_open(sign)
    said = ngettext("One task is deleted.", "%(n)s tasks are deleted.", count)
    messages.success(request, said % {"n": count})
    return redirect("staff:sign", pk)
