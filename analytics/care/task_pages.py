"""Staff pages of tasks: mine or everybody's, one to edit, and the buttons on an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import figures
from analytics.care import doing
from analytics.care.forms import OwnerForm, TaskForm
from analytics.care.listing import PER_PAGE, Wish, read_wish, tasks_of
from analytics.care.models import Task, WarningSign
from analytics.care.panels import task_row
from analytics.care.people import set_owner
from analytics.care.sign_pages import sign_page, whose
from analytics.periods import today
from outbox.staff.pages import staff_page
from surveys.models import Customer

_VIEW, _ADD, _CHANGE = "care.view_task", "care.add_task", "care.change_task"


@require_safe
@staff_page(_VIEW)
def tasks(request: HttpRequest) -> HttpResponse:
    """What is mine to do, and what is late?"""
    wish = read_wish(request, doing.SHOWN, usual="mine")
    page = Paginator(tasks_of(wish, request.user), PER_PAGE).get_page(request.GET.get("page"))
    mine = doing.counts(today(), request.user.pk)
    return render(
        request,
        "analytics/care/tasks.html",
        {
            "heading": _heading(mine),
            "wish": wish,
            "page": page,
            "rows": [{**task_row(row), "customer": row.customer} for row in page],
            "query": f"{wish.query()}&",
            "tabs": _tabs(wish),
            "whose": whose(wish.who),
            "may_change": request.user.has_perm(_CHANGE),
            "here": request.get_full_path(),
        },
    )


def _heading(mine: dict[str, int]) -> str:
    if late := mine["overdue"]:
        said = ngettext("One of your tasks is overdue.", "%(n)s of your tasks are overdue.", late)
        return said % {"n": figures.count_text(late)}
    if due := mine["due"]:
        said = ngettext(
            "One of your tasks is due today.", "%(n)s of your tasks are due today.", due
        )
        return said % {"n": figures.count_text(due)}
    if count := mine["open"]:
        said = ngettext(
            "You have one task, nothing late.", "You have %(n)s tasks, nothing late.", count
        )
        return said % {"n": figures.count_text(count)}
    return _("You have nothing to do here.")


def _tabs(wish: Wish) -> list[tuple[str, str, bool]]:
    labels = {
        "open": _("Open"), "due": _("Due by today"), "overdue": _("Overdue"), "done": _("Done"),
    }  # fmt: skip
    return [(wish.query(show=name), label, name == wish.show) for name, label in labels.items()]


@require_POST
@staff_page(_ADD)
def add_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a task on an account, by hand or for one of its signs."""
    customer, form = get_object_or_404(Customer, pk=pk), TaskForm(request.POST)
    sign = _sign_of(customer, request.POST.get("sign", ""))
    if not form.is_valid():
        if sign:
            return sign_page(request, sign, task_form=form, status=422)
        return _form_page(request, form, customer)
    task = form.instance
    task.customer, task.created_by = customer, request.user.get_username()[:150]
    if sign:
        task.sign, task.origin = sign, Task.Origin.SIGN
    form.save()
    messages.success(request, _("The task is set."))
    return redirect("staff:sign", sign.pk) if sign else redirect("staff:account", pk)


def _sign_of(customer: Customer, named: str) -> WarningSign | None:
    """Return the sign a task is made for, None for none or a stranger's."""
    if not (named.isascii() and named.isdecimal() and len(named) < 19):
        return None
    rows = WarningSign.objects.select_related("customer", "owner")
    return rows.filter(customer=customer, pk=int(named)).first()


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_CHANGE)
def edit_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("customer"), pk=pk)
    form = TaskForm(request.POST or None, instance=task)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The task is saved."))
        return redirect("staff:account", task.customer_id)
    return _form_page(request, form, task.customer, task)


def _form_page(
    request: HttpRequest, form: TaskForm, customer: Customer, task: Task | None = None
) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    context: dict[str, Any] = {
        "form": form,
        "customer": customer,
        "task": task,
        "may_delete": task is not None and request.user.has_perm("care.delete_task"),
        "action": reverse("staff:task", args=[task.pk])
        if task
        else reverse("staff:account-task", args=[customer.pk]),
    }
    return render(request, "analytics/care/task_form.html", context, status=status)


@require_POST
@staff_page(_CHANGE)
def finish_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task, pk=pk)
    if doing.finish(task, by=request.user.get_username()):
        messages.success(request, _("Done: %(title)s") % {"title": task.title})
    else:
        messages.info(request, _("Somebody had finished it already."))
    return _back(request, task)


@require_POST
@staff_page(_CHANGE)
def reopen_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task, pk=pk)
    doing.reopen(task)
    messages.success(request, _("Open again: %(title)s") % {"title": task.title})
    return _back(request, task)


@require_POST
@staff_page("care.delete_task")
def delete_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task, pk=pk)
    customer = task.customer_id
    task.delete()
    messages.success(request, _("The task is deleted."))
    return redirect("staff:account", customer)


def _back(request: HttpRequest, task: Task) -> HttpResponse:
    """Return to the page the button stood on, one of ours, else to the account."""
    asked = request.POST.get("next", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return HttpResponseRedirect(asked)
    return redirect("staff:account", task.customer_id)


@require_POST
@staff_page("care.change_accountowner")
def change_owner(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who looks after an account."""
    customer, form = get_object_or_404(Customer, pk=pk), OwnerForm(request.POST)
    if form.is_valid():
        set_owner(customer, form.cleaned_data["account_owner"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose a colleague of the list."))
    return redirect("staff:account", pk)
