"""The conventions in force over the API: GET and PATCH /api/v1/metrics/conventions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.success.api import WorkspaceView
from analytics.success.cells import CURRENCIES
from analytics.success.daily import plan_now
from analytics.success.models import Conventions, conventions_in_force
from outbox.jobs import enqueue
from outbox.transactions import write
from surveys.api.docs import documented
from surveys.api.fields import Flag, Strict, Whole
from surveys.api.filtering import check_query

_MOST_DAYS = 3650


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class Share(serializers.Field):  # type: ignore[type-arg]
    """A number from 0 to 1, to four decimals."""

    default_error_messages = {"invalid": _("Send a number from 0 to 1.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | float) or not 0 <= data <= 1:
            self.fail("invalid")
        return Decimal(repr(data)).quantize(Decimal("0.0001"))

    def to_representation(self, value: Decimal) -> float:
        return float(value)


class ConventionsShape(Strict):
    base_currency = serializers.ChoiceField(
        ["", *sorted(CURRENCIES)], help_text="Empty: the currency most subscriptions are in."
    )
    gross_margin = Share(allow_null=True)
    lifespan_months = Whole(min_value=1, max_value=600, allow_null=True)
    discount_rate = Share(help_text="A year.")
    is_churn_at_request = Flag()
    grace_days = Whole(min_value=0, max_value=_MOST_DAYS)
    has_monthly_renewals = Flag()
    is_refunded_purchase = Flag(
        help_text="A fully refunded order is still a purchase, for repeat purchase."
    )
    trial_days = Whole(min_value=0, max_value=_MOST_DAYS)
    contact_days = Whole(min_value=0, max_value=_MOST_DAYS)
    is_abandoned_contact = Flag()
    is_escalation_solved = Flag()
    is_other_department_contact = Flag()
    is_mail_hour = Flag()
    adoption_days = Whole(min_value=0, max_value=_MOST_DAYS)
    first_reply_hours = Whole(min_value=0, max_value=8760)
    resolution_hours = Whole(min_value=0, max_value=8760)

    def get_fields(self) -> dict[str, Any]:
        """Ask for none of them: what is left out stays as it is."""
        fields: dict[str, Any] = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class ConventionsView(WorkspaceView):
    model = Conventions

    @documented("Conventions in force", {200: ConventionsShape}, tag="Metrics")
    def get(self, request: Request) -> Reply:
        """Where tools disagree, what this workspace chose. Each figure names what it used."""
        check_query(request, ())
        return Reply(ConventionsShape(conventions_in_force()).data)

    @documented(
        "Change conventions", {200: ConventionsShape}, tag="Metrics", request=ConventionsShape
    )
    def patch(self, request: Request) -> Reply:
        """Only what is sent changes; every figure is computed anew from then on."""
        check_query(request, ())
        asked = ConventionsShape(data=request.data)
        asked.is_valid(raise_exception=True)
        with write():
            found = conventions_in_force()
            for name, value in asked.validated_data.items():
                setattr(found, name, value)
            found.save()
            enqueue([plan_now()])
        return Reply(ConventionsShape(found).data)
