"""Reports on a schedule over the API: set one up, have one made, fetch it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.digests import service
from analytics.digests.models import Report, ReportFile, Window
from analytics.digests.report_files import file_answer
from analytics.digests.service import Refused, ReportWish
from analytics.periods import Period
from surveys.api.base import ApiViewSet, survey_in_body, visible
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Flag, Moment, Strict, all_optional
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import ApiKey

TAG = "Reports"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what cannot be set up so into 422, each reason at its field."""
    try:
        yield
    except Refused as error:
        raise ValidationError({name: list(why) for name, why in error.fields.items()}) from None


class ScheduledReportOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    survey = serializers.CharField(source="survey.slug")
    filters = serializers.DictField(child=serializers.CharField())
    recipients = serializers.ListField(child=serializers.EmailField())
    next_at = Moment(allow_null=True, help_text="null while it is paused.")
    created_at = Moment()

    class Meta:
        model = Report
        fields = [
            "id", "name", "survey", "rhythm", "hour", "window", "filters", "recipients", "carry",
            "language", "next_at", "created_at",
        ]  # fmt: skip


class ScheduledReportIn(Strict):
    name = serializers.CharField(max_length=120)
    survey = serializers.CharField(max_length=100)
    rhythm = serializers.ChoiceField(Report.Rhythm.choices)
    hour = serializers.IntegerField(
        min_value=0, max_value=23, default=8, help_text="Of the workspace's wall clock."
    )
    window = serializers.ChoiceField(
        Window.choices, default=Window.OWN, help_text="The days the score speaks about."
    )
    filters = serializers.DictField(
        child=serializers.CharField(max_length=100),
        default=dict,
        help_text="segment, channel, language, theme, sentiment: as for scores.",
    )
    recipients = serializers.ListField(
        child=serializers.CharField(max_length=300), default=list, max_length=20
    )
    carry = serializers.ChoiceField(Report.Carry.choices, default=Report.Carry.PDF)
    language = serializers.CharField(max_length=12, default="")


class ScheduledReportChange(ScheduledReportIn):
    """Only what is sent changes."""

    paused = Flag(help_text="true: nothing is made until it is false again.")

    def get_fields(self) -> dict[str, Any]:
        return all_optional(super().get_fields())


class ReportFileOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    last = serializers.SerializerMethodField(help_text="The last day, included.")
    created_at = Moment()
    finished_at = Moment(allow_null=True)

    class Meta:
        model = ReportFile
        fields = [
            "id", "start", "last", "state", "error", "summary", "html_sha256", "pdf_sha256",
            "created_at", "finished_at",
        ]  # fmt: skip

    def get_last(self, file: ReportFile) -> str:
        return Period(file.start, file.stop).last.isoformat()


class MakeIn(Strict):
    mail = Flag(default=False, help_text="true: also mail it to the recipients.")


_EXAMPLE = {
    "id": 1,
    "name": "Loyalty, for the board",
    "survey": "product-nps",
    "rhythm": "monthly",
    "hour": 8,
    "window": "own",
    "filters": {"segment": "growth"},
    "recipients": ["board@example.com"],
    "carry": "pdf",
    "language": "en",
    "next_at": "2026-12-01T07:00:00Z",
    "created_at": "2026-11-28T09:00:00Z",
}


class ReportViewSet(ApiViewSet):
    queryset = Report.objects.select_related("survey")
    model = Report
    survey_path = "survey_id"
    serializer_class = ScheduledReportOut

    @documented("List reports", {200: ScheduledReportOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ScheduledReportOut(rows, many=True).data)

    @documented("One report", {200: ScheduledReportOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(ScheduledReportOut(self.get_object()).data)

    @documented(
        "Set up a report",
        {201: ScheduledReportOut},
        tag=TAG,
        request=ScheduledReportIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[
            sent(
                "The last month of one segment, as PDF",
                {
                    "name": "Loyalty, for the board",
                    "survey": "product-nps",
                    "rhythm": "monthly",
                    "filters": {"segment": "growth"},
                    "recipients": ["board@example.com"],
                },
            ),
            said("Set up", _EXAMPLE),
        ],
    )
    def create(self, request: Request) -> Reply:
        """A document made and mailed by itself after each week, month or quarter."""
        body = self.read_body(ScheduledReportIn)
        told = once(request, lambda: Told(201, self._save(body).pk))
        found = self.get_queryset().filter(pk=told.subject_id).first()
        if found is None:
            raise Conflict(_("That report was taken away meanwhile; ask with a new key."), "gone")
        return Reply(ScheduledReportOut(found).data, status=told.status)

    def _save(self, body: dict[str, Any]) -> Report:
        survey = survey_in_body(body.pop("survey"), self.request)
        by = None if isinstance(self.request.auth, ApiKey) else self.request.user
        with refusals():
            return service.save_report(ReportWish(survey=survey, **body), by=by)

    @documented(
        "Change a report",
        {200: ScheduledReportOut},
        tag=TAG,
        request=ScheduledReportChange,
        refused=(404,),
        examples=[sent("Rest for a while", {"paused": True})],
    )
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Only what is sent changes; a paused one stays paused. Files made before stay."""
        found, body = self.get_object(), self.read_body(ScheduledReportChange)
        if "survey" in body:
            body["survey"] = survey_in_body(body["survey"], request)
        with refusals():
            changed = service.change_report(found, body)
        return Reply(ScheduledReportOut(changed).data)

    @documented("Take a report away", {204: None}, tag=TAG, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        """With all its files."""
        self.get_object().delete()
        return Reply(status=204)


class ReportFileViewSet(ApiViewSet):
    """What was made of one report; reading is the scope for fetching, writing for making."""

    queryset = ReportFile.objects.defer("html", "pdf")
    model = Report
    survey_path = "report__survey_id"
    serializer_class = ReportFileOut

    @documented("Files of a report", {200: ReportFileOut(many=True)}, tag=TAG, refused=(404,))
    def list(self, request: Request, report: str) -> Reply:
        """Newest first."""
        rows = self.filter_queryset(self.get_queryset().filter(report=self._report(report)))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ReportFileOut(page, many=True).data)

    @documented(
        "Make a report now",
        {202: ReportFileOut},
        tag=TAG,
        request=MakeIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(404, 409),
    )
    def create(self, request: Request, report: str) -> Reply:
        """Of the last whole week, month or quarter. Ask for the list until its state is done."""
        body, found = self.read_body(MakeIn), self._report(report)
        told = once(request, lambda: Told(202, service.make_now(found, is_mailed=body["mail"]).pk))
        file = self.get_queryset().filter(pk=told.subject_id).first()
        if file is None:
            raise Conflict(_("That file was taken away meanwhile; ask with a new key."), "gone")
        return Reply(ReportFileOut(file).data, status=told.status)

    @documented(
        "The document as PDF",
        {(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)},
        tag=TAG,
        refused=(404, 409),
    )
    def pdf(self, request: Request, report: str, file: str) -> HttpResponse:
        """Its bytes, with `Repr-Digest`."""
        return self._answer(report, file, "pdf")

    @documented(
        "The document as HTML",
        {(200, "text/html"): OpenApiResponse(OpenApiTypes.STR)},
        tag=TAG,
        refused=(404, 409),
    )
    def html(self, request: Request, report: str, file: str) -> HttpResponse:
        """One file that needs no other, with `Repr-Digest`."""
        return self._answer(report, file, "html")

    def _report(self, pk: str) -> Report:
        reports = visible(Report.objects.all(), self.request, path="survey_id")
        found = reports.filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _answer(self, report: str, pk: str, form: str) -> HttpResponse:
        rows = self.get_queryset().defer(None).select_related("report__survey")
        file = rows.filter(report=self._report(report), pk=pk).first()
        if file is None:
            raise NotFound
        if file.state != ReportFile.State.DONE:
            message = _("This file is not ready: its state is '%(state)s'.")
            raise Conflict(message % {"state": file.state}, "not_ready")
        return file_answer(file, form, is_download=True)
