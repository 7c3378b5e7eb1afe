"""Contact files: upload, match columns, watch, read the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import sheets, slices, uploads
from surveys.models import Upload
from surveys.models.files import BULKY
from surveys.roster import Meaning
from surveys.staff.forms import ENCODING_NAMES, UploadForm
from surveys.upload_report import progress, reasons, refused_csv, try_again

_ADD = "surveys.add_upload"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_ADD)
def uploads_page(request: HttpRequest) -> HttpResponse:
    """Take a file; list what was uploaded before."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = uploads.receive(
                file.name, file.read(), by=request.user, language=_language(request)
            )
        except sheets.Unreadable as error:
            form.add_error("file", str(error))
        else:
            return redirect("staff:upload", upload.pk)
    rows = Upload.objects.defer(*BULKY).select_related("created_by")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "page": page, "file_page": "staff:upload"}
    return render(request, "surveys/staff/uploads.html", context, status=status)


def _language(request: HttpRequest) -> str:
    return str(getattr(request, "LANGUAGE_CODE", "en"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_ADD)
def upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """One file: matching its columns, then how far it is, then its result."""
    found = get_object_or_404(
        Upload.objects.defer(*BULKY).select_related("created_by"), pk=upload_id
    )
    if found.state == Upload.State.WAITING_FOR_MAPPING:
        return _mapping(request, found)
    if request.method == "POST":  # the form was sent twice
        return redirect("staff:upload", upload_id)
    context = {"upload": found, "progress": progress(found), "urls": _urls(found)}
    if found.state != Upload.State.RUNNING:
        code = request.GET.get("reason", "")[:10]
        context |= {
            "title": _stored_words(found),
            "reasons": reasons(found),
            "refused": _refused(request, found, code),
            "query": f"{urlencode({'reason': code})}&" if code else "",
        }
    return render(request, "surveys/staff/upload.html", context)


def _urls(upload: Upload) -> dict[str, str]:
    return {
        "list": reverse("staff:uploads"),
        "retry": reverse("staff:upload-retry", args=[upload.pk]),
        "stop": reverse("staff:upload-stop", args=[upload.pk]),
        "refused": reverse("staff:upload-refused", args=[upload.pk]),
    }


def _refused(request: HttpRequest, upload: Upload, code: str) -> object:
    rows = upload.errors.filter(code=code) if code else upload.errors.all()
    return Paginator(rows, 50).get_page(request.GET.get("page"))


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file on the matching page."""

    index: int
    heading: str
    meaning: str
    property: str
    examples: tuple[str, ...]


def _mapping(request: HttpRequest, upload: Upload) -> HttpResponse:
    if request.method == "POST":
        error = _choose(request, upload)
        if not error and "start" in request.POST:
            try:
                uploads.start(upload)
                return redirect("staff:upload", upload.pk)
            except uploads.NoEmailColumn:
                error = _("Choose the one column that holds the e-mail address.")
        if error:
            messages.error(request, error)
    seen = uploads.preview(upload)
    columns = uploads.columns_of(upload)
    context = {
        "upload": upload,
        "seen": seen,
        "encodings": ENCODING_NAMES,
        "encoding": upload.mapping.get("encoding", ""),
        "encoding_name": dict(ENCODING_NAMES).get(seen.encoding, ""),
        "meanings": meaning_choices(),
        "columns": [
            ColumnRow(c.index, c.heading, c.meaning, c.property, _examples(seen.rows, c.index))
            for c in columns
        ],
        "has_email": any(column.meaning is Meaning.EMAIL for column in columns),
        "problems": seen.problems,
        "problem_count": seen.problem_count,
        "title": _storable_words(seen),
    }
    return render(request, "surveys/staff/mapping.html", context)


def _storable_words(seen: uploads.Preview) -> str:
    good = ngettext("%(n)s person can be stored", "%(n)s people can be stored", seen.good)
    bad = ngettext("%(n)s row cannot", "%(n)s rows cannot", seen.refused)
    return f"{good % {'n': intcomma(seen.good)}}, {bad % {'n': intcomma(seen.refused)}}"


def _stored_words(upload: Upload) -> str:
    if not upload.error_count:
        every = ngettext("%(n)s person is stored", "All %(n)s people are stored", upload.kept)
        return every % {"n": intcomma(upload.kept)}
    good = ngettext("%(n)s person is stored", "%(n)s people are stored", upload.kept)
    bad = ngettext("%(n)s row was refused", "%(n)s rows were refused", upload.error_count)
    return f"{good % {'n': intcomma(upload.kept)}}, {bad % {'n': intcomma(upload.error_count)}}"


def _examples(rows: Sequence[tuple[int, tuple[str, ...]]], index: int) -> tuple[str, ...]:
    filled = [cells[index] for _row, cells in rows if cells[index]]
    return tuple(dict.fromkeys(filled))[:3]


def _choose(request: HttpRequest, upload: Upload) -> str:
    """Take over what the form says; return what is wrong with it."""
    encoding = str(request.POST.get("encoding", ""))
    meanings = [
        str(request.POST.get(f"column-{index}", Meaning.IGNORE))
        for index in range(len(upload.header))
    ]
    known = {meaning.value for meaning in Meaning}
    if encoding not in dict(ENCODING_NAMES) or not known.issuperset(meanings):
        return _("That choice is not possible. Choose again.")
    try:
        uploads.choose(upload, meanings, encoding=encoding)
    except sheets.Unreadable as error:
        return str(error)
    return _twice(meanings)


def _twice(meanings: Sequence[str]) -> str:
    names = dict(meaning_choices())
    for meaning in meanings:
        if meaning not in (Meaning.PROPERTY, Meaning.IGNORE) and meanings.count(meaning) > 1:
            return _("Two columns are “%(meaning)s”. Choose one of them.") % {
                "meaning": names[meaning]
            }
    return ""


def meaning_choices() -> list[tuple[str, str]]:
    return [
        (Meaning.EMAIL, _("E-mail address")),
        (Meaning.NAME, _("Name")),
        (Meaning.FIRST_NAME, _("First name")),
        (Meaning.LAST_NAME, _("Last name")),
        (Meaning.CUSTOMER_ID, _("Customer id")),
        (Meaning.CUSTOMER_NAME, _("Customer name")),
        (Meaning.LANGUAGE, _("Language")),
        (Meaning.PROPERTY, _("Property")),
        (Meaning.IGNORE, _("Leave out")),
    ]


@require_POST
@staff_page(_ADD)
def stop_upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    found = get_object_or_404(Upload.objects.defer(*BULKY), pk=upload_id)
    if slices.stop(found):
        messages.success(request, _("Stopped. The rows done so far are kept."))
    return redirect("staff:upload", upload_id)


@require_POST
@staff_page(_ADD)
def retry_upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    if try_again(get_object_or_404(Upload.objects.defer(*BULKY), pk=upload_id)):
        messages.success(request, _("It goes on where it stopped."))
    return redirect("staff:upload", upload_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.delete_upload")
def discard_upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Throw away a file that was never started; its result is kept once it ran."""
    found = get_object_or_404(Upload.objects.defer(*BULKY), pk=upload_id)
    waits = Upload.State.WAITING_FOR_MAPPING
    if request.method == "POST" and Upload.objects.filter(pk=found.pk, state=waits).delete()[0]:
        messages.success(request, _("“%(name)s” is discarded; nothing was stored.") % {
            "name": found.name})  # fmt: skip
        return redirect("staff:uploads")
    return redirect("staff:upload", upload_id)


@require_safe
@staff_page(_ADD)
def refused_rows(request: HttpRequest, upload_id: int) -> StreamingHttpResponse:
    """Download the refused rows with where, why and what to do."""
    found = get_object_or_404(Upload.objects.defer(*BULKY), pk=upload_id)
    response = StreamingHttpResponse(refused_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{found.pk}.csv"'
    return response
