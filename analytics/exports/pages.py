"""Staff pages of exports: ask for a file, watch it being written, fetch it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.exports import download, service
from analytics.exports.columns import response_columns
from analytics.exports.datasets import DATASETS
from analytics.exports.models import ExportFile
from analytics.exports.service import Refused, Wish
from analytics.exports.stream import Export, stream
from feedback import inbox
from outbox.staff.pages import staff_page
from surveys.models import Survey

_VIEW, _ADD = "exports.view_exportfile", "exports.add_exportfile"
_STUCK_AFTER = timedelta(minutes=1)


class ExportForm(forms.Form):
    dataset = forms.ChoiceField(label=gettext_lazy("What"), choices=ExportFile.Dataset.choices)
    form = forms.ChoiceField(
        label=gettext_lazy("As"), choices=ExportFile.Form.choices, initial="xlsx"
    )
    survey = forms.ModelChoiceField(
        Survey.objects.order_by("name"),
        label=gettext_lazy("Of the survey"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("All surveys"),
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("This lies before the first day."))
        return data

    def wish(self) -> Wish:
        data = self.cleaned_data
        filters = {
            "survey": data["survey"].slug if data["survey"] else "",
            "since": data["since"].isoformat() if data["since"] else "",
            "until": data["until"].isoformat() if data["until"] else "",
        }
        if data["dataset"] == "contacts":  # people belong to no survey and to no day
            filters = {}
        return Wish(data["dataset"], data["form"], {k: v for k, v in filters.items() if v})


@dataclass(frozen=True, slots=True)
class Line:
    """One file in the list. `is_stuck`: no worker took it for a minute."""

    export: ExportFile
    filters: str
    is_stuck: bool
    missing: int  # rows counted at the start that are not in the file

    @property
    def may_stop(self) -> bool:
        return self.export.is_open


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_VIEW)
def exports(request: HttpRequest) -> HttpResponse:
    """Ask for a file; see those there are."""
    form = (
        ExportForm(request.POST)
        if request.method == "POST"
        else ExportForm(initial=_asked(request))
    )
    if request.method == "POST" and form.is_valid():
        _check(request, _ADD, form.cleaned_data["dataset"])
        try:
            service.request(form.wish(), by=request.user)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("A worker writes it. You can close this page."))
            return redirect("staff:exports")
    page = Paginator(_visible(request).select_related("requested_by"), 20).get_page(
        request.GET.get("page")
    )
    lines = [_line(export) for export in page]
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "held": service.held(),
        "is_running": any(line.export.is_open for line in lines),
        "may_add": request.user.has_perm(_ADD),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "exports/exports.html", context, status=status)


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return what a link from another page filled in."""
    return {name: request.GET[name] for name in ExportForm.base_fields if name in request.GET}


def _visible(request: HttpRequest) -> Any:
    seen = [name for name, data in DATASETS.items() if request.user.has_perm(data.permission)]
    return ExportFile.objects.filter(dataset__in=seen)


def _check(request: HttpRequest, permission: str, dataset: str) -> None:
    if not request.user.has_perms([permission, DATASETS[dataset].permission]):
        raise PermissionDenied


def _line(export: ExportFile) -> Line:
    is_waiting = export.state == ExportFile.State.WAITING
    return Line(
        export,
        ", ".join(f"{name} {value}" for name, value in export.filters.items()),
        is_stuck=is_waiting and timezone.now() - export.created_at > _STUCK_AFTER,
        missing=(export.rows_expected or 0) - export.rows,
    )


def _found(request: HttpRequest, export_id: int) -> ExportFile:
    return get_object_or_404(_visible(request), pk=export_id)


@require_safe
@staff_page(_VIEW)
def fetch(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Hand the file out."""
    export = _found(request, export_id)
    if export.state != ExportFile.State.DONE:
        messages.error(request, _("This file is not ready yet."))
        return redirect("staff:exports")
    return download.answer(request, export)


@require_POST
@staff_page("exports.delete_exportfile")
def remove(request: HttpRequest, export_id: int) -> HttpResponse:
    """Stop a file that is being written; take away one that is over."""
    export = _found(request, export_id)
    if service.stop(export):
        messages.success(request, _("Stopped."))
    else:
        service.remove([export.pk])
        messages.success(request, _("The file is gone. The rows it held are all still there."))
    return redirect("staff:exports")


@require_safe
@staff_page("feedback.view_response")
def seen_responses(request: HttpRequest) -> StreamingHttpResponse:
    """Download as CSV exactly the answers the inbox shows, newest first."""
    filters = inbox.read_filters(request.GET)
    survey = Survey.objects.filter(slug=filters.survey).first() if filters.survey else None
    export = Export(
        inbox.matching(filters),
        DATASETS["responses"].keyset,
        response_columns(survey),
        "csv",
        has_bom=True,
    )
    answer = StreamingHttpResponse(stream(export), content_type=download.TYPES["csv"])
    name = f"responses-{timezone.localdate().isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Accel-Buffering"] = "no"
    return answer
