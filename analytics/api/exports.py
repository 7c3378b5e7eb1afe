"""Exports over the API: the rows of a list of people and answers, streamed as one file."""

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

from analytics.exports import stream
from analytics.exports.cells import Column
from analytics.exports.columns import UnknownColumn
from analytics.exports.dataset import Dataset
from analytics.exports.download import TYPES
from analytics.exports.parquet import parquet
from analytics.exports.stream import Export
from analytics.exports.survey_tables import SURVEY_TABLES
from analytics.exports.workbook import workbook
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented
from surveys.api.errors import BadQuery

XLSX_ROWS = 20_000  # a workbook is sent when its last row is written: more takes a worker
COLUMNS = OpenApiParameter(
    "columns",
    str,
    description="Ids of columns, with commas between; also `property.<name>`. Left out: all.",
)
RAW = OpenApiParameter(
    "raw",
    str,
    enum=["0", "1"],
    description="1: texts exactly as stored. Left out: an apostrophe stands before every text "
    "that a spreadsheet would take for a formula.",
)
BOM = OpenApiParameter("bom", str, enum=["0", "1"], description="1: begin with a BOM, for Excel.")
_PARAMETERS = {"csv": [COLUMNS, RAW, BOM]}
FORMS = {
    "csv": ("CSV", OpenApiTypes.STR, "RFC 4180, UTF-8."),
    "jsonl": ("JSON lines", OpenApiTypes.STR, "One JSON object a line."),
    "parquet": ("Parquet", OpenApiTypes.BINARY, "Apache Parquet: typed columns, times in UTC."),
    "xlsx": ("a workbook", OpenApiTypes.BINARY, "Excel: texts stay texts, times are UTC."),
}
_HELP = {
    "csv": "Any number of rows in constant memory, with the filters of the list.",
    "jsonl": "Any number of rows in constant memory, with the filters of the list.",
    "parquet": "Any number of rows, a row group at a time, with the filters of the list.",
    "xlsx": f"Up to {XLSX_ROWS:,} rows; `POST /api/v1/exports` writes larger ones in background.",
}


class StreamViewSet(ApiViewSet):
    """One action; `form` says which kind of file, `dataset` what is in it."""

    dataset: Dataset
    form: str

    def _answer(self, request: Request) -> StreamingHttpResponse:
        export = Export(
            rows=self.filter_queryset(self.get_queryset()),
            keyset=self.keyset,
            columns=self._columns(request.query_params.get("columns", "")),
            form=self.form if self.form in ("csv", "jsonl") else "typed",  # type: ignore[arg-type]
            is_raw=is_on(request, "raw"),
            has_bom=is_on(request, "bom"),
        )
        return file_answer(self.dataset, self.form, export)

    def _columns(self, wished: str) -> Sequence[Column]:
        names = [name.strip() for name in wished.split(",") if name.strip()]
        try:
            return self.dataset.chosen(names, self.request.query_params, form=self.form)
        except UnknownColumn as error:
            raise BadQuery({"columns": [str(error)]}) from None


def file_answer(dataset: Dataset, form: str, export: Export) -> StreamingHttpResponse:
    """Return the file of a table as it is read."""
    answer = StreamingHttpResponse(
        _begun(pieces_of(dataset, form, export)), content_type=TYPES[form]
    )
    name = f"{dataset.name}-{timezone.localdate().isoformat()}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Accel-Buffering"] = "no"  # a proxy would keep the first byte back
    return answer


def pieces_of(dataset: Dataset, form: str, export: Export) -> Iterator[bytes]:
    """Yield the file of a table. BadQuery for a workbook that takes a worker."""
    lines = stream.stream(export)
    if form == "parquet":
        return parquet(lines, export.columns)
    if form == "xlsx":
        if stream.count(export, most=XLSX_ROWS + 1) > XLSX_ROWS:
            message = _(
                "A workbook of more than %(most)s rows is written in background: "
                "POST /api/v1/exports. CSV and Parquet have no limit."
            )
            raise BadQuery({"rows": [message % {"most": f"{XLSX_ROWS:,}"}]})
        return workbook(lines, export.columns, title=dataset.name.capitalize())
    return lines


def is_on(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "0")
    if value not in ("0", "1"):
        raise BadQuery({name: [_("Send 0 or 1.")]})
    return value == "1"


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first piece now: what fails there is still an answer with a proper status."""
    first = next(pieces, b"")
    return itertools.chain([first], pieces)


def _view(dataset: Dataset, form: str) -> type[StreamViewSet]:
    name, kind, description = FORMS[form]
    parameters = _PARAMETERS.get(form, [COLUMNS])

    class View(StreamViewSet):
        queryset = dataset.model._default_manager.all()
        model = dataset.model
        survey_path = dataset.survey_path
        keyset = dataset.keyset
        filterset_class = dataset.filterset
        list_parameters = tuple(parameter.name for parameter in parameters)

        @documented(
            f"{dataset.name.capitalize()} as {name}",
            {(200, TYPES[form].partition(";")[0]): OpenApiResponse(kind, description=description)},
            tag="Exports",
            parameters=parameters,
            description=_HELP[form],
        )
        def export(self, request: Request) -> StreamingHttpResponse:
            return self._answer(request)

    View.dataset, View.form = dataset, form
    View.__name__ = View.__qualname__ = f"{dataset.name.capitalize()}{form.capitalize()}"
    return View


EXPORTS: dict[str, Any] = {
    f"{dataset.name}/export.{form}": _view(dataset, form)
    for dataset in SURVEY_TABLES
    for form in FORMS
}
