"""Files written in background: ask, watch, fetch, take away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.exports import download, service
from analytics.exports.datasets import DATASETS
from analytics.exports.models import ExportFile
from analytics.exports.service import Refused, Wish
from surveys.api.base import ApiViewSet, limit_of
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Flag, Moment, Strict
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import ApiKey

TAG = "Exports"


class ExportOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    filters = serializers.JSONField()
    columns = serializers.ListField(child=serializers.CharField(), help_text="Empty: all.")
    raw = serializers.BooleanField(source="is_raw")
    rows_expected = serializers.IntegerField(
        allow_null=True, help_text="Rows counted when the work began; null before."
    )
    sha256 = serializers.CharField(help_text="Of the whole file; empty until it is done.")
    created_at = Moment()
    finished_at = Moment(allow_null=True)
    expires_at = Moment()

    class Meta:
        model = ExportFile
        fields = [
            "id", "name", "dataset", "form", "filters", "columns", "raw", "state", "rows",
            "rows_expected", "size", "sha256", "error", "created_at", "finished_at", "expires_at",
        ]  # fmt: skip


class ExportIn(Strict):
    dataset = serializers.ChoiceField([(name, data.title) for name, data in DATASETS.items()])
    form = serializers.ChoiceField(ExportFile.Form.choices, default="csv")
    filters = serializers.DictField(
        child=serializers.CharField(max_length=1000),
        default=dict,
        help_text="The filters of the list, each a text.",
    )
    columns = serializers.ListField(
        child=serializers.CharField(max_length=100), default=list, max_length=200
    )
    raw = Flag(default=False, help_text="true: texts exactly as stored (CSV).")


_EXAMPLE = {
    "id": 7,
    "name": "responses-2026-11-28-7.parquet",
    "dataset": "responses",
    "form": "parquet",
    "filters": {"survey": "product-nps", "since": "2026-01-01"},
    "columns": [],
    "raw": False,
    "state": "done",
    "rows": 40211,
    "rows_expected": 40211,
    "size": 5210334,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "error": "",
    "created_at": "2026-11-28T09:00:00Z",
    "finished_at": "2026-11-28T09:00:04Z",
    "expires_at": "2026-12-05T09:00:00Z",
}
_RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="`bytes=1000-`: go on where it broke off."
)


class ExportFileViewSet(ApiViewSet):
    """A file holds what its key may read, so reading is the scope for all of it."""

    queryset = ExportFile.objects.all()
    model = ExportFile
    survey_path = "survey_id"
    scope_write = ApiKey.Scope.READ
    serializer_class = ExportOut

    @documented("List exports", {200: ExportOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first. A file stays a week."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ExportOut(rows, many=True).data)

    @documented("One export", {200: ExportOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        """`rows` of `rows_expected` are written; `state` ends as done, failed or stopped."""
        return Reply(ExportOut(self.get_object()).data)

    @documented(
        "Write a file in background",
        {202: ExportOut},
        tag=TAG,
        request=ExportIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[
            sent(
                "This year as Parquet",
                {
                    "dataset": "responses",
                    "form": "parquet",
                    "filters": {"survey": "product-nps", "since": "2026-01-01"},
                },
            ),
            said("Accepted", {**_EXAMPLE, "state": "waiting", "sha256": "", "finished_at": None}),
        ],
    )
    def create(self, request: Request) -> Reply:
        """For files that take longer than a request may. A worker goes on after a crash where it
        stopped; rows are counted when it begins and when it ends."""
        body = self.read_body(ExportIn)
        self._check_permission(body["dataset"])
        told = once(request, lambda: self._request(body))
        found = self.get_queryset().filter(pk=told.subject_id).first()
        if found is None:
            raise Conflict(_("That export was taken away meanwhile; ask with a new key."), "gone")
        return Reply(ExportOut(found).data, status=told.status)

    def _request(self, body: dict[str, Any]) -> Told:
        key = self.request.auth if isinstance(self.request.auth, ApiKey) else None
        wish = Wish(
            body["dataset"],
            body["form"],
            body["filters"],
            body["columns"],
            is_raw=body["raw"],
            survey_id=limit_of(self.request),
        )
        if wish.survey_id is not None and not DATASETS[wish.dataset].survey_path:
            raise PermissionDenied(
                _("This API key is limited to one survey, and this belongs to the whole workspace.")
            )
        by = None if key else self.request.user
        try:
            return Told(202, service.request(wish, by=by, key=key).pk)
        except Refused as error:
            places = {
                name if name == "columns" else f"filters.{name}": list(why)
                for name, why in error.fields.items()
            }
            raise ValidationError(places) from None

    def _check_permission(self, dataset: str) -> None:
        if not isinstance(self.request.auth, ApiKey) and not self.request.user.has_perm(
            DATASETS[dataset].sight
        ):
            raise PermissionDenied(_("Your account lacks the permission for this."))

    @documented("Take an export away", {204: None}, tag=TAG, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        """Also one that is being written."""
        service.remove([self.get_object().pk])
        return Reply(status=204)

    @documented(
        "The file",
        {(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
        tag=TAG,
        refused=(404, 409),
        parameters=[_RANGE],
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        """Its bytes, with `Repr-Digest`; `Range` takes up a download that broke off."""
        export = self.get_object()
        self._check_permission(export.dataset)
        if export.state != ExportFile.State.DONE:
            message = _("This file is not ready: its state is '%(state)s'.")
            raise Conflict(message % {"state": export.state}, "not_ready")
        return download.answer(request._request, export)
