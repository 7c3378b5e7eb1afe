"""Suppressions: addresses that get no survey mail, and why."""

from __future__ import annotations

import django_filters as filters
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys import services
from surveys.api.base import ApiViewSet, survey_in_body
from surveys.api.docs import documented, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Address, Line, Moment, Strict
from surveys.api.filtering import EmailFilter, YesNo
from surveys.models import ApiKey, Suppression

TAG = "Suppressions"


class SuppressionOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    survey = serializers.CharField(
        source="survey.slug", allow_null=True, default=None, help_text="null: all survey mail."
    )
    created_at = Moment()
    lifted_at = Moment(allow_null=True)

    class Meta:
        model = Suppression
        fields = [
            "id", "email", "survey", "reason", "source", "created_at",
            "lifted_at", "lifted_by", "lifted_why",
        ]  # fmt: skip


class SuppressionIn(Strict):
    email = Address()
    reason = serializers.ChoiceField(
        Suppression.Reason.choices, default=Suppression.Reason.BY_STAFF
    )
    survey = Line(
        max_length=60,
        required=False,
        allow_null=True,
        default=None,
        help_text="A survey's slug: stop only its mail. Left out: all survey mail.",
    )


class LiftIn(Strict):
    why = Line(
        max_length=200, required=False, default="", help_text="For the record: who asked for it."
    )


class SuppressionFilters(filters.FilterSet):
    email = EmailFilter(help_text="Exactly this address.")
    reason = filters.ChoiceFilter(choices=Suppression.Reason.choices)
    survey = filters.CharFilter(
        field_name="survey__slug", help_text="A survey's slug: those that stop only its mail."
    )
    in_force = YesNo(
        field_name="lifted_at", lookup_expr="isnull", help_text="false: those lifted again."
    )

    class Meta:
        model = Suppression
        fields: list[str] = []


class SuppressionViewSet(ApiViewSet):
    queryset = Suppression.objects.select_related("survey")
    model = Suppression
    serializer_class = SuppressionOut
    filterset_class = SuppressionFilters
    staff_verbs = {"lift": "change"}

    @documented("List suppressions", {200: SuppressionOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first, those lifted again included."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(SuppressionOut(rows, many=True).data)

    @documented("One suppression", {200: SuppressionOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(SuppressionOut(self.get_object()).data)

    @documented(
        "Stop mail to an address",
        {200: SuppressionOut, 201: SuppressionOut},
        tag=TAG,
        request=SuppressionIn,
        examples=[sent("Asked by phone", {"email": "ada@example.com", "reason": "unsubscribed"})],
    )
    def create(self, request: Request) -> Reply:
        """Takes effect at once, also for mails that wait. 200 when the address was suppressed
        already: the older reason stays."""
        body = self.read_body(SuppressionIn)
        survey = survey_in_body(body["survey"], request) if body["survey"] else None
        rows = self.get_queryset().filter(
            email=body["email"], survey=survey, lifted_at__isnull=True
        )
        was_there = rows.exists()
        services.suppress(body["email"], reason=body["reason"], source=self._by(), survey=survey)
        found = rows.first()
        return Reply(SuppressionOut(found).data, status=200 if was_there else 201)

    @documented(
        "Allow mail again",
        {200: SuppressionOut},
        tag=TAG,
        refused=(404, 409),
        request=LiftIn,
        examples=[sent("Asked by phone", {"why": "called on Monday and asked for it"})],
    )
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Reply:
        """Who lifted it, when and why stays on record; a body is not needed. Lift an unsubscribe
        only when the person asks."""
        body = self.read_body(LiftIn) if request.data else {"why": ""}
        suppression = self.get_object()
        if suppression.lifted_at:
            raise Conflict(_("This suppression was lifted before."), code="already_lifted")
        services.lift_suppression(suppression, by=self._by(), why=body["why"])
        return Reply(SuppressionOut(self.get_object()).data)

    def _by(self) -> str:
        """Return who is calling, for the record."""
        auth = self.request.auth
        return f"API key {auth.name}"[:60] if isinstance(auth, ApiKey) else str(self.request.user)
