"""Staff pages of targets: all of them, one with its trend and alarms, the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.periods import today
from analytics.targets import alarms as work_on_alarms
from analytics.targets import panels, sentences, service
from analytics.targets.currency import currency_of
from analytics.targets.forms import TargetForm, initial_of
from analytics.targets.judging import outlook, periods_back
from analytics.targets.listing import all_rows
from analytics.targets.models import Target
from analytics.targets.service import Refused
from outbox.staff.pages import staff_page
from outbox.staff.people import name_of
from surveys.models import Survey

_VIEW, _CHANGE = "targets.view_target", "targets.change_target"


@require_safe
@staff_page(_VIEW)
def targets(request: HttpRequest) -> HttpResponse:
    """Which goals are reached, which are missed, and who looks after them?"""
    rows = all_rows()
    currency = next(filter(None, (currency_of(row.target) for row in rows)), "")
    context = {"heading": panels.headline(rows), "lines": panels.list_lines(rows, currency)}
    return render(request, "analytics/targets/targets.html", context)


@require_safe
@staff_page(_VIEW)
def target(request: HttpRequest, target_id: int) -> HttpResponse:
    """How does one target stand, how did it stand, and what happened?"""
    found = _found(target_id)
    on, currency = today(), currency_of(found)
    seen = outlook(found, on)
    judged = periods_back(found, on)
    history = list(found.alarms.select_related("target__survey")[:50])
    closes = {close.start: close for close in found.closes.all()}
    running = seen.running if seen.deciding is not seen.running else None
    return render(
        request,
        "analytics/targets/target.html",
        {
            "target": found,
            "name": sentences.name_of(found),
            "part": sentences.part_texts([found])[found.pk],
            "finding": panels.finding(found, seen, currency),
            "goal": sentences.goal_text(found, currency),
            "card": panels.card(found, seen.deciding, currency, on=on),
            "running": panels.card(found, running, currency, on=on) if running else None,
            "ruler": panels.ruler(found, seen.deciding, currency),
            "owner": panels.owner_name(found),
            "source_url": panels.source_url(found, seen.deciding.period),
            "trend": panels.trend(found, judged, history, currency),
            "rows": panels.period_rows(found, judged, closes, currency, on=on),
            "alarms": panels.alarm_lines(history, currency),
            "waiting": panels.waiting_text(history),
            "watched": panels.watched_words(found),
        },
    )


def _found(target_id: int) -> Target:
    return get_object_or_404(Target.objects.select_related("survey", "owner"), pk=target_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("targets.add_target")
def new_target(request: HttpRequest) -> HttpResponse:
    survey = Survey.objects.filter(status=Survey.Status.LIVE).order_by("name").first()
    initial = {"owner": request.user.pk, "survey": survey and survey.slug, **_asked(request)}
    form = TargetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = service.create(form.wish())
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The target is set. It is judged now and every morning."))
            return redirect("staff:target", made.pk)
    return _form_page(request, form, None)


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return what a link from another page filled in."""
    return {name: request.GET[name] for name in TargetForm.base_fields if name in request.GET}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_CHANGE)
def edit_target(request: HttpRequest, target_id: int) -> HttpResponse:
    found = _found(target_id)
    form = TargetForm(request.POST or None, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        service.change(found, form.wish())
        messages.success(request, _("The target is saved."))
        return redirect("staff:target", found.pk)
    return _form_page(request, form, found)


def _form_page(request: HttpRequest, form: TargetForm, found: Target | None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "target": found,
        "name": sentences.name_of(found) if found else "",
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "analytics/targets/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("targets.delete_target")
def remove_target(request: HttpRequest, target_id: int) -> HttpResponse:
    """Say what goes with a target; delete it on POST."""
    found = _found(target_id)
    name = sentences.title_of(found, currency_of(found))
    if request.method == "POST":
        found.delete()
        messages.success(request, _("“%(name)s” is deleted.") % {"name": name})
        return redirect("staff:targets")
    context = {"target": found, "name": name, "alarms": found.alarms.count()}
    return render(request, "analytics/targets/delete.html", context)


@require_POST
@staff_page(_CHANGE)
def look_after(request: HttpRequest, target_id: int) -> HttpResponse:
    """Put on record who looks after the open alarms: they no longer need a person."""
    found = _found(target_id)
    name = name_of(request.user)
    waiting = [alarm for alarm in found.alarms.all() if alarm.needs_somebody]
    if sum(work_on_alarms.acknowledge(alarm, by=name) for alarm in waiting):
        messages.success(request, _("You look after it. It is off the home page."))
    else:
        messages.info(request, _("Nothing waits here: somebody looks after it, or it is over."))
    return redirect("staff:target", target_id)
