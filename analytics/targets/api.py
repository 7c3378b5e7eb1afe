"""Targets over the API: goals, how they stand, their periods and their alarms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.api.people import colleague
from analytics.periods import today
from analytics.targets import alarms as work_on_alarms
from analytics.targets import service
from analytics.targets.api_shapes import (
    EXAMPLE,
    STATE,
    AlarmOut,
    AlarmsOut,
    PeriodsOut,
    StateOut,
    TargetChange,
    TargetIn,
    TargetOut,
    closed_out,
    judged_out,
)
from analytics.targets.judging import outlook, periods_back
from analytics.targets.measures import ALL_WISHES, MEASURES
from analytics.targets.models import Target
from analytics.targets.service import Refused, Wish
from outbox.transactions import write
from surveys.api.base import ApiViewSet, limit_of, survey_in_body
from surveys.api.docs import documented, said, sent
from surveys.models import ApiKey

TAG = "Targets"


class TargetFilters(filters.FilterSet):
    metric = filters.ChoiceFilter(choices=[(slug, slug) for slug in MEASURES])
    survey = filters.CharFilter(field_name="survey__slug", help_text="A survey's slug.")
    owner = filters.CharFilter(field_name="owner__username", help_text="A user name.")

    class Meta:
        model = Target
        fields: list[str] = []


class TargetViewSet(ApiViewSet):
    queryset = Target.objects.select_related("survey", "owner").prefetch_related("alarms")
    model = Target
    serializer_class = TargetOut
    filterset_class = TargetFilters
    survey_path = "survey"  # a key limited to one survey sees its targets only
    staff_verbs = {"acknowledge": "change"}

    @documented("List targets", {200: TargetOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(TargetOut(rows, many=True).data)

    @documented("One target", {200: TargetOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(TargetOut(self.get_object()).data)

    @documented(
        "Set a target",
        {201: TargetOut},
        tag=TAG,
        request=TargetIn,
        examples=[sent("NPS of a segment", EXAMPLE)],
    )
    def create(self, request: Request) -> Reply:
        """It is judged at once and every morning from then on."""
        body = self.read_body(TargetIn)
        body = {"survey": None, "filters": {}, "owner": None, "quiet_days": 14} | body
        with _refusals():
            made = service.create(self._wish(body))
        return Reply(TargetOut(self._again(made)).data, status=201)

    @documented("Change a target", {200: TargetOut}, tag=TAG, refused=(404,), request=TargetChange)
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Only what is sent changes. With another metric, survey, filter, goal or period its open
        alarms end, and judging starts afresh."""
        found = self.get_object()
        body = self.read_body(TargetChange)
        now = service.wish_of(found)
        kept = {name: getattr(now, name) for name in Wish.__slots__}
        asked = self._named(body)
        with _refusals():
            changed = service.change(found, Wish(**{**kept, **asked}))
        return Reply(TargetOut(self._again(changed)).data)

    @documented("Delete a target", {204: None}, tag=TAG, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        """Its mornings, closed periods and alarms go with it; the numbers behind it stay."""
        found = self.get_object()
        with write():
            found.delete()
        return Reply(status=204)

    @documented(
        "How a target stands",
        {200: StateOut},
        tag=TAG,
        refused=(404,),
        examples=[said("Missed", STATE, status_codes=["200"])],
    )
    @action(detail=True, methods=["get"])
    def state(self, request: Request, pk: str) -> Reply:
        """Judged now, on the running period as soon as it has something to say, until then on the
        last one that is over. Rates that ripen are judged on settled periods only."""
        found = self.get_object()
        seen = outlook(found, today())
        return Reply(
            {
                **judged_out(seen.deciding),
                "running": judged_out(seen.running),
                "before": judged_out(seen.last) if seen.last else None,
            }
        )

    @documented("Periods of a target", {200: PeriodsOut}, tag=TAG, refused=(404,))
    @action(detail=True, methods=["get"])
    def periods(self, request: Request, pk: str) -> Reply:
        """Each period as it is now and, where it is closed, as it was published. Oldest first."""
        found = self.get_object()
        closes = {close.start: close for close in found.closes.all()}
        rows = [
            {**judged_out(judged), "closed": closed_out(closes.get(judged.period.start))}
            for judged in periods_back(found, today())
        ]
        return Reply({"periods": rows})

    @documented("Alarms of a target", {200: AlarmsOut}, tag=TAG, refused=(404,))
    @action(detail=True, methods=["get"])
    def alarms(self, request: Request, pk: str) -> Reply:
        """The newest 100: level (goal missed), change (really got worse) and drift (lastingly). An
        alarm without an end is open."""
        rows = self.get_object().alarms.order_by("-started_date", "-id")[:100]
        return Reply({"alarms": AlarmOut(rows, many=True).data})

    @documented(
        "Look after an alarm",
        {200: AlarmOut},
        tag=TAG,
        refused=(404,),
        parameters=[OpenApiParameter("alarm", int, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path=r"alarms/(?P<alarm>[0-9]{1,18})/acknowledge")
    def acknowledge(self, request: Request, pk: str, alarm: str) -> Reply:
        """It no longer asks for a person. Who acknowledged it first stays on record."""
        found = self.get_object().alarms.filter(pk=alarm).first()
        if found is None:
            raise NotFound
        auth = request.auth
        by = f"API key {auth.name}" if isinstance(auth, ApiKey) else str(request.user)
        work_on_alarms.acknowledge(found, by=by)
        found.refresh_from_db()
        return Reply(AlarmOut(found).data)

    def _again(self, target: Target) -> Target:
        return self.queryset.get(pk=target.pk)

    def _named(self, body: dict[str, Any]) -> dict[str, Any]:
        """Put what names stand for in their place: the survey and the owner."""
        found = dict(body)
        if "survey" in body:
            found["survey"] = (
                survey_in_body(body["survey"], self.request) if body["survey"] else None
            )
            if found["survey"] is None and limit_of(self.request) is not None:
                raise ValidationError({"survey": [_("This API key is limited to one survey.")]})
        if "owner" in body:
            found["owner"] = colleague(body["owner"])
        return found

    def _wish(self, body: dict[str, Any]) -> Wish:
        return Wish(**self._named(body))


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what makes no sense into 422, each reason at its field."""
    try:
        yield
    except Refused as error:
        raise ValidationError(
            {
                f"filters.{name}" if name in ALL_WISHES else name or "non_field_errors": [why]
                for name, why in error.reasons.items()
            }
        ) from None
