"""Staff pages of reports: set one up, see what was made and who got it, fetch the files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.digests import service
from analytics.digests.forms import ReportForm
from analytics.digests.models import Report, ReportFile
from analytics.digests.report_files import file_answer
from analytics.digests.service import Refused
from analytics.digests.words import days_words
from analytics.periods import Period
from analytics.scores.filtering import Options, filter_options, part_words
from analytics.scores.slices import NAMES, Slice
from outbox.staff.pages import staff_page

_VIEW = "digests.view_report"
_FILES_SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_VIEW)
def reports(request: HttpRequest) -> HttpResponse:
    """All reports, and a new one."""
    form = ReportForm(request.POST or None, initial=_asked(request))
    if request.method == "POST":
        _need(request, "digests.add_report")
        if (saved := _saved(form, request)) is not None:
            messages.success(request, _("Saved. You can make the first one now."))
            return redirect("staff:report", saved.pk)
    rows, options = Report.objects.select_related("survey"), filter_options()
    context = {
        "form": form,
        "reports": [(report, _wishes(report, options)) for report in rows],
        "may_add": request.user.has_perm("digests.add_report"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "digests/reports.html", context, status=status)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("survey", *NAMES) if name in request.GET}


def _need(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _saved(form: ReportForm, request: HttpRequest, report: Report | None = None) -> Report | None:
    if not form.is_valid():
        return None
    try:
        return service.save_report(form.wish(), by=request.user, report=report)
    except Refused as error:
        form.refuse(error)
        return None


def _wishes(report: Report, options: dict[str, tuple[str, Options]]) -> list[str]:
    part = Slice(**{name: report.filters.get(name, "") for name in NAMES})
    return [words for _name, words in part_words(part, options)]


def _found(report_id: int) -> Report:
    return get_object_or_404(Report.objects.select_related("survey"), pk=report_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_VIEW)
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """One report: its files, its recipients, its settings."""
    found = _found(report_id)
    initial = {
        name: getattr(found, name) for name in ("name", "rhythm", "hour", "window", "carry")
    } | {"survey": found.survey.slug, "recipients": "\n".join(found.recipients), **found.filters}
    form = ReportForm(request.POST or None, initial=initial)
    if request.method == "POST":
        _need(request, "digests.change_report")
        if _saved(form, request, found) is not None:
            messages.success(request, _("Saved."))
            return redirect("staff:report", found.pk)
    files = _files(found)
    context: dict[str, Any] = {
        "report": found,
        "wishes": _wishes(found, filter_options()),
        "form": form,
        "files": [(file, days_words(Period(file.start, file.stop))) for file in files],
        "is_running": any(file.state == ReportFile.State.WAITING for file in files),
        "may_change": request.user.has_perm("digests.change_report"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "digests/report.html", context, status=status)


def _files(found: Report) -> list[ReportFile]:
    rows = found.files.defer("html", "pdf").prefetch_related("mails")
    return list(rows[:_FILES_SHOWN])


@require_POST
@staff_page("digests.change_report")
def act(request: HttpRequest, report_id: int, what: str) -> HttpResponse:
    """Pause, resume, remove; make one now, with or without mailing it."""
    found = _found(report_id)
    match what:
        case "pause":
            service.pause(found)
            messages.success(request, _("Paused. Nothing is made until you resume it."))
        case "resume":
            service.resume(found)
            messages.success(request, _("It goes on with the next one."))
        case "now" | "mail":
            service.make_now(found, is_mailed=what == "mail")
            messages.success(request, _("A worker makes it. You can close this page."))
        case _:
            _need(request, "digests.delete_report")
            found.delete()
            messages.success(request, _("The report is gone, with its files."))
            return redirect("staff:reports")
    return redirect("staff:report", found.pk)


@require_safe
@staff_page(_VIEW)
def file(request: HttpRequest, file_id: int, form: str) -> HttpResponse:
    """Hand a file out: HTML to read and print, PDF to keep."""
    rows = ReportFile.objects.select_related("report__survey")
    found = get_object_or_404(rows, pk=file_id, state=ReportFile.State.DONE)
    return file_answer(found, form)
