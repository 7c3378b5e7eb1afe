"""Facts, metrics and accounts as files: what the pages show and what came in, at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from analytics.api.exports import BOM, COLUMNS, FORMS, RAW, file_answer, is_on
from analytics.exports import service
from analytics.exports.dataset import Dataset
from analytics.exports.datasets import DATASETS
from analytics.exports.download import TYPES
from analytics.exports.fact_tables import FACT_TABLES
from analytics.exports.service import Refused, Wish
from analytics.exports.stream import Export
from analytics.success.api import WorkspaceView
from surveys.api.docs import documented
from surveys.api.errors import BadQuery
from surveys.api.filtering import check_query
from surveys.models import Customer

FACTS = {dataset.name: dataset for dataset in FACT_TABLES}
_WRITING = ("columns", "raw", "bom")
_FORM = OpenApiParameter("form", str, "path", enum=list(FORMS))
_KIND = OpenApiParameter("kind", str, "path", enum=list(FACTS))
_SINCE = OpenApiParameter("since", str, description="From this day, or at or after this time.")
_UNTIL = OpenApiParameter("until", str, description="To this day, or before this time.")
_FILES = {
    (200, TYPES[form].partition(";")[0]): OpenApiResponse(type_, description=text)
    for form, (_name, type_, text) in FORMS.items()
}


def _described(summary: str, filters: Iterable[OpenApiParameter]) -> Any:
    parameters = [_FORM, *filters, COLUMNS, RAW, BOM]
    return documented(summary, _FILES, tag="Exports", refused=(404,), parameters=parameters)


class TableView(WorkspaceView):
    """Any table of the workspace; the address names it and the form of the file."""

    table = ""

    @property
    def dataset(self) -> Dataset | None:
        return DATASETS[self.table] if self.table else FACTS.get(self.kwargs.get("kind", ""))

    @property
    def model(self) -> type[Model]:  # type: ignore[override]
        return self.dataset.model if self.dataset else Customer

    def answer(self, request: Request, form: str) -> StreamingHttpResponse:
        dataset = self.dataset
        if dataset is None or form not in FORMS:
            known = ", ".join(FACTS if dataset is None else FORMS)
            raise NotFound(_("There is no file of this name. Known: %(known)s.") % {"known": known})
        check_query(
            request, [*dataset.filter_names, *(_WRITING if form == "csv" else _WRITING[:1])]
        )
        reply = file_answer(dataset, form, _export(request, dataset, form))
        reply["Cache-Control"] = "private, no-store"
        return reply


def _export(request: Request, dataset: Dataset, form: str) -> Export:
    asked = request.query_params
    names = [name.strip() for name in asked.get("columns", "").split(",") if name.strip()]
    wish = Wish(
        dataset.name,
        form,
        {name: asked[name] for name in dataset.filter_names if name in asked},
        names,
        is_raw=is_on(request, "raw"),
    )
    try:
        return service.wanted(wish, has_bom=is_on(request, "bom"))
    except Refused as error:
        raise BadQuery(error.fields) from None


class FactsFileView(TableView):
    @_described(
        "A table of facts as a file",
        [_KIND, _SINCE, _UNTIL, OpenApiParameter("customer", str, description="An external id.")],
    )
    def get(self, request: Request, kind: str, form: str) -> StreamingHttpResponse:
        """All facts of a kind with the columns in which they come in, so that the rows can be sent
        to `POST /api/v1/facts/<kind>` elsewhere; also `health-snapshots` and `account-notes`.
        Kinds without a time of their own know no `since` and `until`."""
        return self.answer(request, form)


class MetricsFileView(TableView):
    table = "metrics"

    @_described(
        "Every metric as a file",
        [
            OpenApiParameter("metric", str, description="Only this one."),
            OpenApiParameter(
                "segment", str, description="Only this segment; `all`: all customers together."
            ),
            OpenApiParameter("since", str, description="Months from the one this day lies in on."),
            OpenApiParameter("until", str, description="Months up to the one this day lies in."),
        ],
    )
    def get(self, request: Request, form: str) -> StreamingHttpResponse:
        """One row a metric, month and segment, 13 months unless others are asked for (at most 36),
        the last one usually not over yet (`status` provisional). Without `segment` all customers
        and every segment."""
        return self.answer(request, form)


class AccountsFileView(TableView):
    table = "accounts"

    @_described(
        "Accounts as a file",
        [
            OpenApiParameter("band", str, enum=["red", "yellow", "green", "none"]),
            OpenApiParameter("at_risk", bool, description="Only those at risk, or the others."),
        ],
    )
    def get(self, request: Request, form: str) -> StreamingHttpResponse:
        """Paying accounts: money, end of term, health with its components, at risk or not."""
        return self.answer(request, form)
