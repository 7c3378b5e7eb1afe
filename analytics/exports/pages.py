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
from analytics.exports.datasets import DATASETS, GROUPS
from analytics.exports.models import ExportFile
from analytics.exports.service import Refused, Wish
from analytics.exports.stream import Export, stream
from feedback import inbox
from outbox.staff.pages import staff_page
from surveys.models import Survey

_VIEW, _ADD = "exports.view_exportfile", "exports.add_exportfile"
_STUCK_AFTER = timedelta(minutes=1)


class ExportForm(forms.Form):
    dataset = forms.ChoiceField(label=gettext_lazy("What"))
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
    customer = forms.CharField(
        label=gettext_lazy("Of the customer"),
        help_text=gettext_lazy("Its external id."),
        max_length=120,
        required=False,
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

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dataset"].choices = _tables_for(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("This lies before the first day."))
        if dataset := DATASETS.get(data.get("dataset", "")):
            for name in set(_FILTERS) - dataset.filter_names:
                if data.get(name):
                    self.add_error(name, _("%(table)s cannot be narrowed by this: leave it empty.")
                                   % {"table": dataset.title})  # fmt: skip
        return data

    def wish(self) -> Wish:
        data = self.cleaned_data
        filters = {name: _text(data[name]) for name in _FILTERS if data[name]}
        return Wish(data["dataset"], data["form"], filters)


_FILTERS = ("survey", "customer", "since", "until")


def _text(value: Any) -> str:
    return value.slug if isinstance(value, Survey) else str(value)


def _tables_for(user: Any) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return the tables somebody may see, by group."""
    found = [
        (str(title), [(data.name, data.title) for data in tables if user.has_perm(data.sight)])
        for title, tables in GROUPS
    ]
    return [(title, tables) for title, tables in found if tables]


@dataclass(frozen=True, slots=True)
class Line:
    """One file in the list. `is_stuck`: no worker took it for a minute."""

    export: ExportFile
    title: str
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
    if request.method == "POST":
        _check(request, _ADD, request.POST.get("dataset", ""))
        form = ExportForm(request.POST, user=request.user)
    else:
        form = ExportForm(initial=_asked(request), user=request.user)
    if request.method == "POST" and form.is_valid():
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
    seen = [name for name, data in DATASETS.items() if request.user.has_perm(data.sight)]
    return ExportFile.objects.filter(dataset__in=seen)


def _check(request: HttpRequest, permission: str, dataset: str) -> None:
    found = DATASETS.get(dataset)  # one there is not is told by the form
    if not request.user.has_perms([permission, *([found.sight] if found else [])]):
        raise PermissionDenied


def _line(export: ExportFile) -> Line:
    is_waiting = export.state == ExportFile.State.WAITING
    return Line(
        export,
        str(DATASETS[export.dataset].title),
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
