"""Suppressions: addresses that get no survey mail, and why."""

from __future__ import annotations

import django_filters as filters
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys import services
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Address, Moment, Strict
from surveys.api.filtering import EmailFilter, YesNo
from surveys.models import ApiKey, Suppression

TAG = "Suppressions"


class SuppressionOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    created_at = Moment()
    lifted_at = Moment(allow_null=True)

    class Meta:
        model = Suppression
        fields = ["id", "email", "reason", "source", "created_at", "lifted_at", "lifted_by"]


class SuppressionIn(Strict):
    email = Address()
    reason = serializers.ChoiceField(
        Suppression.Reason.choices, default=Suppression.Reason.BY_STAFF
    )


class SuppressionFilters(filters.FilterSet):
    email = EmailFilter(help_text="Exactly this address.")
    reason = filters.ChoiceFilter(choices=Suppression.Reason.choices)
    in_force = YesNo(
        field_name="lifted_at", lookup_expr="isnull", help_text="false: those lifted again."
    )

    class Meta:
        model = Suppression
        fields: list[str] = []


class SuppressionViewSet(ApiViewSet):
    queryset = Suppression.objects.all()
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
        was_there = services.is_suppressed(body["email"])
        services.suppress(body["email"], reason=body["reason"], source=self._by())
        found = self.get_queryset().filter(email=body["email"]).first()
        return Reply(SuppressionOut(found).data, status=200 if was_there else 201)

    @documented("Allow mail again", {200: SuppressionOut}, tag=TAG, refused=(404, 409),
                request=None)  # fmt: skip
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Reply:
        """Who lifted it and when stays on record. Lift an unsubscribe only when the person asks."""
        suppression = self.get_object()
        if suppression.lifted_at:
            raise Conflict(_("This suppression was lifted before."), code="already_lifted")
        services.lift_suppression(suppression, by=self._by())
        return Reply(SuppressionOut(self.get_object()).data)

    def _by(self) -> str:
        """Return who is calling, for the record."""
        auth = self.request.auth
        return f"API key {auth.name}"[:60] if isinstance(auth, ApiKey) else str(self.request.user)
