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

from analytics.exports import stream
from analytics.exports.cells import Column
from analytics.exports.columns import UnknownColumn
from analytics.exports.datasets import DATASETS, Dataset
from analytics.exports.download import TYPES
from analytics.exports.parquet import parquet
from analytics.exports.stream import Export
from analytics.exports.workbook import workbook
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented
from surveys.api.errors import BadQuery

XLSX_ROWS = 20_000  # a workbook is sent when its last row is written: more takes a worker
_COLUMNS = OpenApiParameter(
    "columns",
    str,
    description="Ids of columns, with commas between; also `property.<name>`. Left out: all.",
)
_RAW = OpenApiParameter(
    "raw",
    str,
    enum=["0", "1"],
    description="1: texts exactly as stored. Left out: an apostrophe stands before every text "
    "that a spreadsheet would take for a formula.",
)
_BOM = OpenApiParameter("bom", str, enum=["0", "1"], description="1: begin with a BOM, for Excel.")
_PARAMETERS = {"csv": [_COLUMNS, _RAW, _BOM]}
_FORMS = {
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
            is_raw=_is_on(request, "raw"),
            has_bom=_is_on(request, "bom"),
        )
        answer = StreamingHttpResponse(_begun(self._file(export)), content_type=TYPES[self.form])
        name = f"{self.dataset.name}-{timezone.localdate().isoformat()}.{self.form}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Accel-Buffering"] = "no"  # a proxy would keep the first byte back
        return answer

    def _file(self, export: Export) -> Iterator[bytes]:
        lines = stream.stream(export)
        if self.form == "parquet":
            return parquet(lines, export.columns)
        if self.form == "xlsx":
            if export.rows.order_by()[: XLSX_ROWS + 1].count() > XLSX_ROWS:
                message = _(
                    "A workbook of more than %(most)s rows is written in background: "
                    "POST /api/v1/exports. CSV and Parquet have no limit."
                )
                raise BadQuery({"rows": [message % {"most": f"{XLSX_ROWS:,}"}]})
            return workbook(lines, export.columns, title=self.dataset.name.capitalize())
        return lines

    def _columns(self, wished: str) -> Sequence[Column]:
        names = [name.strip() for name in wished.split(",") if name.strip()]
        try:
            return self.dataset.chosen(names, self.request.query_params, form=self.form)
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


def _view(dataset: Dataset, form: str) -> type[StreamViewSet]:
    name, kind, description = _FORMS[form]
    parameters = _PARAMETERS.get(form, [_COLUMNS])

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
    for dataset in DATASETS.values()
    for form in _FORMS
}
