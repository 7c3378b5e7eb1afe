"""Staff pages of warning signs: all of them with their precision, and one with its evidence."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from analytics import figures
from analytics.care.confirming import precision
from analytics.care.doing import LATEST
from analytics.care.forms import HandOverForm, ReasonForm, TaskForm
from analytics.care.listing import PER_PAGE, SIGNS_SHOWN, Wish, read_wish, signs_of
from analytics.care.models import WarningSign
from analytics.care.panels import sign_row, task_row
from analytics.care.playbooks import open_of
from analytics.care.rules import COOL_DOWN, KINDS
from analytics.care.signs import Refused, hand_over, look_after, open_signs, set_state
from analytics.care.words import told
from analytics.statistics.result import Result
from outbox.staff.pages import staff_page
from outbox.staff.people import colleagues, name_of

_VIEW, _CHANGE = "care.view_warningsign", "care.change_warningsign"


@require_safe
@staff_page(_VIEW)
def signs(request: HttpRequest) -> HttpResponse:
    """Which accounts warn us, and how often is such a warning right?"""
    wish = read_wish(request, SIGNS_SHOWN, usual="all")
    page = Paginator(signs_of(wish, request.user), PER_PAGE).get_page(request.GET.get("page"))
    words = told(list(page))
    rows = [{**sign_row(row, words[row.pk]), "customer": row.customer} for row in page]
    waiting = open_signs().count()
    return render(
        request,
        "analytics/care/signs.html",
        {
            "heading": _heading(waiting),
            "wish": wish,
            "page": page,
            "rows": rows,
            "query": f"{wish.query()}&",
            "tabs": _tabs(wish),
            "whose": whose(wish.who),
            "kinds": [(kind, WarningSign.Kind(kind).label) for kind in KINDS],
            "precision": _precisions(precision()),
            "has_any": bool(waiting) or WarningSign.objects.exists(),
        },
    )


def _heading(count: int) -> str:
    if not count:
        return _("No account shows a warning sign.")
    said = ngettext("One warning sign is open.", "%(n)s warning signs are open.", count)
    return said % {"n": figures.count_text(count)}


def _tabs(wish: Wish) -> list[tuple[str, str, bool]]:
    labels = {"open": _("Open"), "new": _("Nobody has looked"), "ended": _("Ended")}
    return [(wish.query(show=name), label, name == wish.show) for name, label in labels.items()]


def whose(who: str) -> list[tuple[str, str, bool]]:
    """Return the choices of whose: (value, label, is chosen)."""
    listed = [("all", _("everybody’s")), ("mine", _("mine")), ("nobody", _("nobody’s"))]
    listed += [(str(user.pk), name_of(user)) for user in colleagues()[:200]]
    return [(value, label, value == who) for value, label in listed]


def _precisions(found: dict[str, Result]) -> list[dict[str, Any]]:
    labels = {"": _("All kinds")} | {kind: WarningSign.Kind(kind).label for kind in KINDS}
    return [
        {
            "label": labels[kind],
            "value": "" if result.value is None else figures.share_text(result.value),
            "interval": figures.interval_text(result),
            "n": figures.count_text(result.n),
            "parts": result.parts,
            "pending": result.pending,
            "is_all": not kind,
        }
        for kind, result in found.items()
    ]


@require_safe
@staff_page(_VIEW)
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """What warned us of this account, who looks after it, and what was done?"""
    return sign_page(request, _found(pk))


def _found(pk: int) -> WarningSign:
    return get_object_or_404(WarningSign.objects.select_related("customer", "owner"), pk=pk)


def sign_page(
    request: HttpRequest,
    found: WarningSign,
    *,
    reason_form: ReasonForm | None = None,
    hand_form: HandOverForm | None = None,
    task_form: TaskForm | None = None,
    status: int = 200,
) -> HttpResponse:
    words, may = told([found])[found.pk], request.user.has_perm
    usual = {"owner": found.owner_id or request.user.pk, "due_date": found.due_date}
    return render(
        request,
        "analytics/care/sign.html",
        {
            "sign": found,
            "row": sign_row(found, words),
            "evidence": words.evidence,
            "reason_form": reason_form or ReasonForm(),
            "hand_form": hand_form
            or HandOverForm(initial={"owner": found.owner_id, "due_date": found.due_date}),
            "task_form": task_form or TaskForm(initial=usual),
            "tasks": [
                task_row(task)
                for task in found.tasks.select_related("owner", "run").order_by(
                    "done_at", LATEST, "id"
                )
            ],
            "may_change": may(_CHANGE),
            "may_add_task": may("care.add_task"),
            "left_over": 0 if found.is_open else open_of(found).count(),
            "may_drop": may("care.delete_task"),
            "rest_days": COOL_DOWN[found.kind],  # type: ignore[index]
        },
        status=status,
    )


@require_POST
@staff_page(_CHANGE)
def change_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a sign into the state of the button that was pressed."""
    found, form = _found(pk), ReasonForm(request.POST)
    state = request.POST.get("state", "")
    if form.is_valid():
        try:
            set_state(
                found, state, by=request.user.get_username(), reason=form.cleaned_data["reason"]
            )
        except Refused as error:
            form.add_error("reason" if error.field == "reason" else None, str(error))
        else:
            messages.success(request, _said(state))
            return redirect("staff:sign", pk)
    return sign_page(request, found, reason_form=form, status=422)


def _said(state: str) -> str:
    return {
        "acted": _("Well done. It counts as a warning that was worth it."),
        "dismissed": _("Dismissed, with your reason on record."),
        "open": _("The sign is open again."),
    }.get(state, _("Noted."))


@require_POST
@staff_page(_CHANGE)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever presses looks after it: it no longer asks for somebody."""
    look_after(_found(pk), request.user)
    messages.success(request, _("You look after it."))
    return redirect("staff:sign", pk)


@require_POST
@staff_page(_CHANGE)
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a sign over to somebody, with a day."""
    found, form = _found(pk), HandOverForm(request.POST)
    if not form.is_valid():
        return sign_page(request, found, hand_form=form, status=422)
    hand_over(found, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("staff:sign", pk)
