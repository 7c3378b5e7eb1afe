"""Files of facts: upload, match columns, see what would happen, watch, read the result."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import figures
from analytics.success import files
from analytics.success.file_columns import PROPERTY, choices, missing
from analytics.success.kinds import KINDS
from analytics.success.models import FactFile
from analytics.success.sources import Source, deliveries
from outbox.staff.attention import address
from outbox.staff.pages import staff_page
from surveys import sheets, slices
from surveys.models.files import BULKY
from surveys.roster import property_name
from surveys.staff.forms import ENCODING_NAMES, UploadForm
from surveys.upload_report import progress, reasons, refused_csv, try_again

_ADD = "success.add_factfile"


class FactFileForm(UploadForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What stands in it"),
        choices=lambda: [(kind.slug, kind.name) for kind in KINDS.values()],
        help_text=gettext_lazy("Customers come first: other facts name them by their id."),
    )
    field_order = ["kind", "file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "Up to 20 MB and %(rows)s rows. You see what would happen first."
        ) % {"rows": intcomma(files.MOST_LINES)}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_ADD)
def fact_files(request: HttpRequest) -> HttpResponse:
    """Take a file of facts; list what was uploaded before."""
    is_sent = request.method == "POST"
    form = FactFileForm(request.POST, request.FILES) if is_sent else FactFileForm()
    if is_sent and form.is_valid():
        file, kind = form.cleaned_data["file"], KINDS[form.cleaned_data["kind"]]
        language = str(getattr(request, "LANGUAGE_CODE", "en"))
        try:
            found = files.receive(kind, file.name, file.read(), by=request.user, language=language)
        except sheets.Unreadable as error:
            form.add_error("file", str(error))
        else:
            return redirect("staff:fact-file", found.pk)
    rows = FactFile.objects.defer(*BULKY).select_related("created_by")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    for listed in page:
        listed.kind_name = KINDS[listed.kind].name  # type: ignore[attr-defined]
    context = {
        "form": form,
        "page": page,
        "kinds": list(KINDS.values()),
        "sources": [_source_line(source, request) for source in deliveries()],
        "file_page": "staff:fact-file",
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "analytics/success/files.html", context, status=status)


def _source_line(source: Source, request: HttpRequest) -> dict[str, Any]:
    """Return one kind of facts as the table of deliveries shows it."""
    options = KINDS[source.kind].model._meta
    sight = f"{options.app_label}.view_{options.model_name}"
    may_export = source.rows and request.user.has_perms([sight, "exports.add_exportfile"])
    count = figures.count_text(source.rows)
    return {
        "name": source.name,
        "rows": _("over %(n)s") % {"n": count} if source.is_more else count,
        "newest": source.newest,
        "received_at": source.received_at,
        "has_stopped": source.has_stopped,
        "patience": _patience_words(source),
        "export": address("staff:exports", f"dataset={source.kind}") if may_export else "",
    }


def _patience_words(source: Source) -> str:
    if source.patience is None:
        return ""
    words = ngettext(
        "stale after %(n)s day of silence", "stale after %(n)s days of silence", source.patience
    )
    return words % {"n": source.patience}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_ADD)
def fact_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """One file: matching its columns, then how far it is, then its result."""
    found = get_object_or_404(
        FactFile.objects.defer(*BULKY).select_related("created_by"), pk=file_id
    )
    if found.state == FactFile.State.WAITING_FOR_MAPPING:
        return _mapping(request, found)
    if request.method == "POST":  # the form was sent twice
        return redirect("staff:fact-file", file_id)
    kind = files.kind_of(found)
    context = {
        "upload": found,
        "kind": kind,
        "progress": progress(found, kind=files.FACTS),
        "urls": _urls(found),
    }
    if found.state != FactFile.State.RUNNING:
        code = request.GET.get("reason", "")[:40]
        rows = found.errors.filter(code=code) if code else found.errors.all()
        context |= {
            "title": _stored_words(found),
            "reasons": reasons(found),
            "refused": Paginator(rows, 50).get_page(request.GET.get("page")),
            "query": f"{urlencode({'reason': code})}&" if code else "",
        }
    return render(request, "analytics/success/file.html", context)


def _urls(file: FactFile) -> dict[str, str]:
    return {
        "list": reverse("staff:fact-files"),
        "retry": reverse("staff:fact-file-retry", args=[file.pk]),
        "stop": reverse("staff:fact-file-stop", args=[file.pk]),
        "refused": reverse("staff:fact-file-refused", args=[file.pk]),
    }


def _mapping(request: HttpRequest, file: FactFile) -> HttpResponse:
    if request.method == "POST":
        error = _choose(request, file)
        if not error and "start" in request.POST:
            try:
                files.start(file)
                return redirect("staff:fact-file", file.pk)
            except files.ColumnsMissing as lacking:
                error = _("No column holds %(names)s yet. Choose one.") % {"names": lacking}
        if error:
            messages.error(request, error)
    kind, seen, columns = files.kind_of(file), files.try_out(file), files.columns_of(file)
    context = {
        "upload": file,
        "kind": kind,
        "seen": seen,
        "missing": missing(kind, columns),
        "required": kind.required,
        "choices": [name for name in choices(kind) if name != PROPERTY],
        "has_property": PROPERTY in choices(kind),
        "columns": [
            {
                "index": index,
                "heading": heading,
                "meaning": meaning,
                "property": property_name(heading),
                "examples": _examples(seen, index),
            }
            for index, (heading, meaning) in enumerate(zip(file.header, columns, strict=False))
        ],
        "encodings": ENCODING_NAMES,
        "encoding": file.mapping.get("encoding", ""),
        "encoding_name": dict(ENCODING_NAMES).get(seen.encoding, ""),
        "zone": settings.TIME_ZONE,
        "title": _storable_words(seen, file.rows),
    }
    return render(request, "analytics/success/file_mapping.html", context)


def _examples(seen: files.Trial, index: int) -> tuple[str, ...]:
    filled = [cells[index] for _row, cells in seen.rows if cells[index]]
    return tuple(dict.fromkeys(filled))[:3]


def _choose(request: HttpRequest, file: FactFile) -> str:
    """Take over what the form says; return what is wrong with it."""
    encoding = str(request.POST.get("encoding", ""))
    columns = [str(request.POST.get(f"column-{i}", "")) for i in range(len(file.header))]
    known = {"", *choices(files.kind_of(file))}
    if encoding not in dict(ENCODING_NAMES) or not known.issuperset(columns):
        return _("That choice is not possible. Choose again.")
    try:
        files.choose(file, columns, encoding=encoding)
    except sheets.Unreadable as error:
        return str(error)
    for name in columns:
        if name not in ("", PROPERTY) and columns.count(name) > 1:
            return _("Two columns are “%(name)s”. Choose one of them.") % {"name": name}
    return ""


def _storable_words(seen: files.Trial, rows: int) -> str:
    good = ngettext("%(n)s row can be stored", "%(n)s rows can be stored", seen.kept)
    bad = ngettext("%(n)s cannot", "%(n)s cannot", seen.refused)
    told = f"{good % {'n': intcomma(seen.kept)}}, {bad % {'n': intcomma(seen.refused)}}"
    if seen.tried == rows:
        return told
    return _("Of the first %(tried)s rows: %(told)s") % {
        "tried": intcomma(seen.tried), "told": told,
    }  # fmt: skip


def _stored_words(file: FactFile) -> str:
    good = ngettext("%(n)s fact is stored", "%(n)s facts are stored", file.kept)
    told = good % {"n": intcomma(file.kept)}
    if not file.error_count:
        return told
    bad = ngettext("%(n)s row was refused", "%(n)s rows were refused", file.error_count)
    return f"{told}, {bad % {'n': intcomma(file.error_count)}}"


@require_POST
@staff_page(_ADD)
def stop_fact_file(request: HttpRequest, file_id: int) -> HttpResponse:
    if slices.stop(_lean(file_id)):
        messages.success(request, _("Stopped. The rows done so far are kept."))
    return redirect("staff:fact-file", file_id)


@require_POST
@staff_page(_ADD)
def retry_fact_file(request: HttpRequest, file_id: int) -> HttpResponse:
    if try_again(_lean(file_id), kind=files.FACTS):
        messages.success(request, _("It goes on where it stopped."))
    return redirect("staff:fact-file", file_id)


@require_POST
@staff_page(_ADD)
def discard_fact_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Throw away a file that was never started; its result is kept once it ran."""
    waits = FactFile.State.WAITING_FOR_MAPPING
    if FactFile.objects.filter(pk=file_id, state=waits).delete()[0]:
        messages.success(request, _("The file is discarded; nothing was stored."))
        return redirect("staff:fact-files")
    return redirect("staff:fact-file", file_id)


@require_safe
@staff_page(_ADD)
def refused_facts(request: HttpRequest, file_id: int) -> StreamingHttpResponse:
    """Download the refused rows with where, why and what to do."""
    found = _lean(file_id)
    response = StreamingHttpResponse(refused_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-facts-{found.pk}.csv"'
    return response


def _lean(file_id: int) -> Any:
    return get_object_or_404(FactFile.objects.defer(*BULKY), pk=file_id)
