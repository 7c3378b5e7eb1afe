"""Exports over the API: the rows of a list, streamed as one file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from analytics.cells import Column
from analytics.columns import UnknownColumn, chosen, contact_columns, response_columns
from analytics.exports import Export, Form, stream
from feedback.filters import ResponseFilters
from feedback.models import Response
from surveys.api.base import ApiViewSet
from surveys.api.contacts import ContactFilters
from surveys.api.docs import documented
from surveys.api.errors import BadQuery
from surveys.models import Contact, Survey

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
_PARAMETERS = [
    OpenApiParameter(
        "columns",
        str,
        description="Ids of columns, with commas between; also `property.<name>`. Left out: all.",
    )
]
_CSV_PARAMETERS = [
    *_PARAMETERS,
    OpenApiParameter(
        "raw",
        str,
        enum=["0", "1"],
        description="1: texts exactly as stored. Left out: an apostrophe stands before every text "
        "that a spreadsheet would take for a formula.",
    ),
    OpenApiParameter("bom", str, enum=["0", "1"], description="1: begin with a BOM, for Excel."),
]
_CSV = {(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="RFC 4180, UTF-8.")}
_JSONL = {
    (200, "application/x-ndjson"): OpenApiResponse(
        OpenApiTypes.STR, description="One JSON object a line."
    )
}


class ExportViewSet(ApiViewSet):
    """One action; `form` says which kind of file."""

    form: Form = "csv"
    list_parameters: tuple[str, ...] = ("columns", "raw", "bom")
    file_name = ""

    def columns(self) -> list[Column]:
        raise NotImplementedError

    def _answer(self, request: Request) -> StreamingHttpResponse:
        export = Export(
            rows=self.filter_queryset(self.get_queryset()),
            keyset=self.keyset,
            columns=self._columns(request.query_params.get("columns", "")),
            form=self.form,
            is_raw=_is_on(request, "raw"),
            has_bom=_is_on(request, "bom"),
        )
        answer = StreamingHttpResponse(_begun(stream(export)), content_type=_TYPES[self.form])
        name = f"{self.file_name}-{timezone.localdate().isoformat()}.{self.form}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Accel-Buffering"] = "no"  # a proxy would keep the first byte back
        return answer

    def _columns(self, wished: str) -> Sequence[Column]:
        columns = self.columns()
        names = [name.strip() for name in wished.split(",") if name.strip()]
        if self.form == "jsonl":
            columns = [column for column in columns if not column.id.startswith("question.")]
            if any(name.startswith("property.") for name in names):
                raise BadQuery({"columns": [_("JSON lines hold all properties together.")]})
        if not names:
            return columns
        try:
            return chosen(columns, names, table=self.model._meta.db_table)
        except UnknownColumn as error:
            raise BadQuery({"columns": [str(error)]}) from None


def _is_on(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "0")
    if value not in ("0", "1"):
        raise BadQuery({name: [_("Send 0 or 1.")]})
    return value == "1"


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first piece now: what fails there is still an answer with a proper status."""
    first = next(pieces, b"")
    return itertools.chain([first], pieces)


class ResponseExport(ExportViewSet):
    queryset = Response.objects.all()
    model = Response
    survey_path = "survey_id"
    keyset = ("-submitted_at", "-id")
    filterset_class = ResponseFilters
    file_name = "responses"

    def columns(self) -> list[Column]:
        slug = self.request.query_params.get("survey")
        return response_columns(Survey.objects.filter(slug=slug).first() if slug else None)


class ResponseCsv(ResponseExport):
    @documented("Responses as CSV", _CSV, tag="Exports", parameters=_CSV_PARAMETERS)
    def export(self, request: Request) -> StreamingHttpResponse:
        """Any number of rows in constant memory, newest first, with the filters of the list. With
        `survey` each of its additional questions has a column `question.<id>`."""
        return self._answer(request)


class ResponseJsonLines(ResponseExport):
    form: Form = "jsonl"
    list_parameters = ("columns",)

    @documented("Responses as JSON lines", _JSONL, tag="Exports", parameters=_PARAMETERS)
    def export(self, request: Request) -> StreamingHttpResponse:
        """Any number of rows in constant memory, newest first, with the filters of the list."""
        return self._answer(request)


class ContactExport(ExportViewSet):
    queryset = Contact.objects.all()
    model = Contact
    filterset_class = ContactFilters
    file_name = "contacts"

    def columns(self) -> list[Column]:
        return contact_columns()


class ContactCsv(ContactExport):
    @documented("Contacts as CSV", _CSV, tag="Exports", parameters=_CSV_PARAMETERS)
    def export(self, request: Request) -> StreamingHttpResponse:
        return self._answer(request)


class ContactJsonLines(ContactExport):
    form: Form = "jsonl"
    list_parameters = ("columns",)

    @documented("Contacts as JSON lines", _JSONL, tag="Exports", parameters=_PARAMETERS)
    def export(self, request: Request) -> StreamingHttpResponse:
        return self._answer(request)


EXPORTS: dict[str, Any] = {
    "responses/export.csv": ResponseCsv,
    "responses/export.jsonl": ResponseJsonLines,
    "contacts/export.csv": ContactCsv,
    "contacts/export.jsonl": ContactJsonLines,
}
