"""Warning signs and tasks over the API: the same acts as on the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.api import shapes
from analytics.api.people import colleague
from analytics.care import doing
from analytics.care.api_shapes import (
    SIGN,
    PrecisionOut,
    SignChange,
    SignOut,
    TaskChange,
    TaskIn,
    TaskOut,
)
from analytics.care.confirming import precision
from analytics.care.models import Task, WarningSign
from analytics.care.signs import Refused, hand_over, set_state
from analytics.care.words import told
from analytics.success.api_accounts import caller
from outbox.transactions import write
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented, said
from surveys.api.filtering import DayFilter, YesNo
from surveys.models import Customer

SIGNS, TASKS = "Warning signs", "Tasks"


class SignFilters(filters.FilterSet):
    customer = filters.CharFilter(field_name="customer__external_id", help_text="Its external id.")
    kind = filters.ChoiceFilter(choices=WarningSign.Kind.choices)
    state = filters.ChoiceFilter(choices=WarningSign.State.choices)
    owner = filters.CharFilter(field_name="owner__username", help_text="A user name.")
    is_open = YesNo(method="opened", help_text="Neither acted on, dismissed nor over.")

    class Meta:
        model = WarningSign
        fields: list[str] = []

    def opened(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(ended_at__isnull=bool(value))


class SignViewSet(ApiViewSet):
    queryset = WarningSign.objects.select_related("customer", "owner")
    model = WarningSign
    serializer_class = SignOut
    filterset_class = SignFilters

    @documented("List warning signs", {200: SignOut(many=True)}, tag=SIGNS)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        shape = SignOut(rows, many=True, context={"told": told(rows)})
        return self.get_paginated_response(shape.data)

    @documented(
        "One warning sign", {200: SignOut}, tag=SIGNS, refused=(404,),
        examples=[said("Health fell", SIGN, status_codes=["200"])],
    )  # fmt: skip
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(SignOut(self.get_object()).data)

    @documented(
        "Act on a warning sign", {200: SignOut}, tag=SIGNS, refused=(404,), request=SignChange
    )
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Set its state (acted and dismissed end it), hand it to a colleague, move its day."""
        sign, body = self.get_object(), self.read_body(SignChange)
        if "reason" in body and "state" not in body:
            raise ValidationError({"state": [_("A reason goes with a state: send both.")]})
        with write():
            if "state" in body:
                sign = self._brought_into(sign, body)
            if {"owner", "due_date"} & body.keys():
                owner = colleague(body["owner"]) if "owner" in body else sign.owner
                hand_over(sign, owner=owner, due_date=body.get("due_date", sign.due_date))
        return Reply(SignOut(self.get_object()).data)

    def _brought_into(self, sign: WarningSign, body: dict[str, Any]) -> WarningSign:
        try:
            return set_state(
                sign, body["state"], by=caller(self.request), reason=body.get("reason", "")
            )
        except Refused as error:
            raise ValidationError({error.field: [str(error)]}) from None

    @documented("How often warnings were worth it", {200: PrecisionOut}, tag=SIGNS)
    @action(detail=False, methods=["get"])
    def precision(self, request: Request) -> Reply:
        """Of the signs that ended within a year: acted on, or the customer left or cancelled
        within 90 days. With Wilson's interval; provisional while some may still come true."""
        return Reply(
            {
                "precision": [
                    {
                        "kind": kind,
                        "result": shapes.result(found),
                        "pending": found.pending,
                        "parts": found.parts,
                    }
                    for kind, found in precision().items()
                ]
            }
        )


class TaskFilters(filters.FilterSet):
    customer = filters.CharFilter(field_name="customer__external_id", help_text="Its external id.")
    owner = filters.CharFilter(field_name="owner__username", help_text="A user name.")
    origin = filters.ChoiceFilter(choices=Task.Origin.choices)
    is_done = YesNo(method="finished", help_text="Done, or still to do.")
    due_until = DayFilter(
        field_name="due_date", lookup_expr="lte", help_text="Due on this day or before."
    )

    class Meta:
        model = Task
        fields: list[str] = []

    def finished(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(done_at__isnull=not value)


class TaskViewSet(ApiViewSet):
    queryset = Task.objects.select_related("customer", "owner")
    model = Task
    serializer_class = TaskOut
    filterset_class = TaskFilters

    @documented("List tasks", {200: TaskOut(many=True)}, tag=TASKS)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(TaskOut(rows, many=True).data)

    @documented("One task", {200: TaskOut}, tag=TASKS, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(TaskOut(self.get_object()).data)

    @documented("Set a task", {201: TaskOut}, tag=TASKS, request=TaskIn)
    def create(self, request: Request) -> Reply:
        """On an account, by hand or for one of its warning signs."""
        body = self.read_body(TaskIn)
        customer = customer_of(body["customer"])
        sign = sign_of(customer, body.get("sign"))
        made = Task.objects.create(
            customer=customer,
            title=body["title"],
            note=body.get("note", ""),
            owner=colleague(body.get("owner")),
            due_date=body.get("due_date"),
            sign=sign,
            origin=Task.Origin.SIGN if sign else Task.Origin.HAND,
            created_by=caller(request),
        )
        return Reply(TaskOut(self.queryset.get(pk=made.pk)).data, status=201)

    @documented("Change a task", {200: TaskOut}, tag=TASKS, refused=(404,), request=TaskChange)
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Only what is sent changes; who finished a task first stays on record."""
        task, body = self.get_object(), self.read_body(TaskChange)
        if "owner" in body:
            body["owner"] = colleague(body["owner"])
        is_done = body.pop("is_done", None)
        with write():
            for name, value in body.items():
                setattr(task, name, value)
            task.save(update_fields=list(body))
            if is_done is not None:
                doing.finish(task, by=caller(request)) if is_done else doing.reopen(task)
        return Reply(TaskOut(self.get_object()).data)

    @documented("Delete a task", {204: None}, tag=TASKS, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        self.get_object().delete()
        return Reply(status=204)


def customer_of(name: str) -> Customer:
    """Return the customer of an external id; 422 at `customer` where there is none."""
    found = Customer.objects.filter(external_id=name).first()
    if found is None:
        raise ValidationError({"customer": [_("There is no customer of this external id.")]})
    return found


def sign_of(customer: Customer, key: int | None) -> WarningSign | None:
    """Return a sign of this account, None for None; 422 at `sign` for another's."""
    if key is None:
        return None
    found = WarningSign.objects.filter(customer=customer, pk=key).first()
    if found is None:
        raise ValidationError({"sign": [_("This account has no warning sign of this id.")]})
    return found
