"""Playbooks over the API: what they do, and starting one on an account."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.care.api import customer_of, sign_of
from analytics.care.api_shapes import TaskOut
from analytics.care.models import Playbook, PlaybookRun, PlaybookStep, Task
from analytics.care.playbooks import CannotStart, start
from analytics.success.api_accounts import caller
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented
from surveys.api.errors import Conflict
from surveys.api.fields import Line, Strict, Whole
from surveys.api.filtering import YesNo

TAG = "Playbooks"


class StepOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    owner = serializers.CharField(
        source="owner.username", allow_null=True, default=None, help_text="null: the account's."
    )

    class Meta:
        model = PlaybookStep
        fields = ["position", "title", "note", "after_days", "owner"]


class PlaybookOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    trigger = serializers.ChoiceField(
        Playbook.Trigger.choices, help_text="The kind of warning sign it starts with, or hand."
    )
    segment = serializers.CharField(allow_blank=True, help_text='Its slug; "": all accounts.')
    is_active = serializers.BooleanField(help_text="Starts by itself; else it is suggested.")
    steps = StepOut(many=True)

    class Meta:
        model = Playbook
        fields = ["id", "name", "trigger", "segment", "is_active", "steps"]


class StartIn(Strict):
    customer = Line(max_length=120, help_text="Its external id.")
    sign = Whole(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        help_text="The warning sign of this account it answers; once for each sign.",
    )


class RunOut(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.IntegerField()
    playbook = serializers.IntegerField()
    customer = serializers.CharField()
    sign = serializers.IntegerField(allow_null=True)
    tasks = TaskOut(many=True)


class PlaybookFilters(filters.FilterSet):
    trigger = filters.ChoiceFilter(choices=Playbook.Trigger.choices)
    is_active = YesNo(field_name="is_active", help_text="Starts by itself.")

    class Meta:
        model = Playbook
        fields: list[str] = []


class PlaybookViewSet(ApiViewSet):
    queryset = Playbook.objects.prefetch_related("steps__owner")
    model: type[Model] = Playbook
    serializer_class = PlaybookOut
    filterset_class = PlaybookFilters

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action == "start":
            self.model = PlaybookRun  # staff need the permission the button needs
        super().initial(request, *args, **kwargs)

    @documented("List playbooks", {200: PlaybookOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first, each with its steps. They are written in the admin."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(PlaybookOut(rows, many=True).data)

    @documented("One playbook", {200: PlaybookOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(PlaybookOut(self.get_object()).data)

    @documented("Start a playbook", {201: RunOut}, tag=TAG, refused=(404, 409), request=StartIn)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Reply:
        """Its steps become tasks of the account. 409 where it runs there already, was started for
        this sign, has no steps or is for another segment."""
        found, body = self.get_object(), self.read_body(StartIn)
        customer = customer_of(body["customer"])
        sign = sign_of(customer, body.get("sign"))
        if sign is not None and not sign.is_open:
            raise ValidationError({"sign": [_("This warning sign has ended.")]})
        try:
            run = start(found, customer, by=caller(request), sign=sign)
        except CannotStart as error:
            raise Conflict(str(error), code="cannot_start") from None
        tasks = Task.objects.filter(run=run).select_related("customer", "owner").order_by("step")
        shown: dict[str, Any] = {
            "id": run.pk,
            "playbook": found.pk,
            "customer": customer.external_id,
            "sign": run.sign_id,
            "tasks": tasks,
        }
        return Reply(RunOut(shown).data, status=201)
