"""Accounts and their health over the API: what the pages show, and words said by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.success.api import WorkspaceView
from analytics.success.health import Health
from analytics.success.listing import by_health, health_of, note_change
from analytics.success.metrics.health import BANDS
from analytics.success.models import HealthOverride, HealthSnapshot
from analytics.success.overrides import BadOverride, end_override, in_force, set_override
from analytics.success.queries import Facts
from analytics.success.renewals_due import due_dates
from surveys.api.docs import documented
from surveys.api.errors import BadQuery
from surveys.api.fields import Line, Moment, Strict
from surveys.api.filtering import check_query
from surveys.models import ApiKey, Customer

TAG = "Accounts"
_MOST = 1000
_DAYS = 90
_ACCOUNT = OpenApiParameter("customer", str, "path", description="Its external id.")


class ComponentOut(serializers.Serializer):  # type: ignore[type-arg]
    name = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="0 to 100; null: missing or stale.")
    weight = serializers.FloatField(help_text="As the definition gives it, of 100.")
    effective_weight = serializers.FloatField(
        allow_null=True, help_text="Of the components present, which add up to 1."
    )
    points_lost = serializers.FloatField(allow_null=True)


class OverrideOut(serializers.Serializer):  # type: ignore[type-arg]
    band = serializers.CharField()
    reason = serializers.CharField()
    by = serializers.CharField()
    created_at = Moment()
    expires_at = Moment()
    ended_at = Moment(allow_null=True, help_text="Set when somebody ended it before.")
    ended_by = serializers.CharField(allow_blank=True)
    is_in_force = serializers.BooleanField()


class HealthAccountOut(serializers.Serializer):  # type: ignore[type-arg]
    customer = serializers.CharField(help_text="Its external id.")
    name = serializers.CharField()
    mrr = serializers.FloatField(allow_null=True, help_text="null: a rate is missing.")
    currency = serializers.CharField(allow_blank=True)
    due_date = serializers.DateField(allow_null=True, help_text="Last day of its term.")
    score = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no score.")
    coverage = serializers.FloatField(help_text="Share of the weight that is present.")
    band = serializers.CharField(allow_null=True, help_text="red, yellow or green, computed.")
    shown_band = serializers.CharField(
        allow_null=True, help_text="A person's word if there is one."
    )
    override = serializers.DictField(allow_null=True)
    definition_version = serializers.IntegerField()
    weights_of = serializers.CharField(
        allow_blank=True, help_text='"" all, "new:" new accounts, else a segment.'
    )


class AccountsOut(serializers.Serializer):  # type: ignore[type-arg]
    count = serializers.IntegerField()
    computed_at = Moment(help_text="When the accounts were put in this order.")
    facts_since = serializers.IntegerField(
        help_text="Rows of facts that came in after that; above 0 only in a large workspace."
    )
    results = HealthAccountOut(many=True)


class SnapshotOut(serializers.Serializer):  # type: ignore[type-arg]
    day = serializers.DateField()
    score = serializers.FloatField(allow_null=True)
    band = serializers.CharField(allow_null=True)
    coverage = serializers.FloatField()
    definition_version = serializers.IntegerField()


class HealthChangeOut(serializers.Serializer):  # type: ignore[type-arg]
    before = serializers.FloatField()
    after = serializers.FloatField()
    by_component = serializers.DictField(
        child=serializers.DictField(), help_text="score_effect and weight_effect; all add up."
    )


class AccountHealthOut(HealthAccountOut):
    predicted_satisfaction = serializers.FloatField(
        allow_null=True,
        help_text="Predicted, 0 to 1, of conversations nobody rated; a part of support.",
    )
    components = ComponentOut(many=True)
    change = HealthChangeOut(
        allow_null=True, help_text="Against a month ago, by the same definition."
    )
    snapshots = SnapshotOut(many=True, help_text="The last 90 days as they were stored.")


class OverrideIn(Strict):
    band = serializers.ChoiceField(list(BANDS))
    reason = Line(max_length=500)
    expires_at = Moment(help_text="At most a year ahead.")
    by = Line(max_length=120, required=False, help_text="Who says so; else the key's name.")


class AccountsView(WorkspaceView):
    model: type[Model] = HealthSnapshot

    @documented(
        "Accounts and their health",
        {200: AccountsOut},
        tag=TAG,
        parameters=[
            OpenApiParameter("band", str, description="red, yellow, green or none: as shown."),
            OpenApiParameter("limit", int, description="1 to 1000, usually 100."),
            OpenApiParameter("offset", int),
        ],
    )
    def get(self, request: Request) -> Reply:
        """Paying accounts now, poorest health first, those without a score last."""
        check_query(request, ("band", "limit", "offset"))
        wanted = _band(request)
        limit, offset = (
            whole_number(request, "limit", 100, 1),
            whole_number(request, "offset", 0, 0),
        )
        found = by_health(band=wanted, offset=offset, limit=limit)
        at = found.age.computed_at if found.age else found.facts.as_of
        return Reply(
            {
                "count": found.total,
                "computed_at": Moment().to_representation(at),
                "facts_since": found.age.since if found.age else 0,
                "results": [
                    account_shape(h, found.due.get(h.customer), found.facts) for h in found.healths
                ],
            }
        )


class AccountHealthView(WorkspaceView):
    model: type[Model] = HealthSnapshot

    @documented(
        "Health of an account", {200: AccountHealthOut}, tag=TAG, refused=(404,),
        parameters=[_ACCOUNT],
    )  # fmt: skip
    def get(self, request: Request, customer: str) -> Reply:
        """Its components, what changed in a month and why, and the last 90 stored days."""
        check_query(request, ())
        row = _customer(customer)
        facts, found = health_of(row.pk)
        if found is None:
            raise NotFound(_("This customer pays nothing now; only paying accounts have a health."))
        due = due_dates(facts.today, only=[row.pk]).get(row.pk)
        return Reply(account_shape(found, due, facts) | _explained(found))


class OverridesView(WorkspaceView):
    model: type[Model] = HealthOverride

    @documented(
        "Health set by hand", {200: OverrideOut(many=True)}, tag=TAG, refused=(404,),
        parameters=[_ACCOUNT],
    )  # fmt: skip
    def get(self, request: Request, customer: str) -> Reply:
        """Everything anybody ever said of this account, newest first."""
        check_query(request, ())
        return Reply(_history(_customer(customer)))

    @documented(
        "Set health by hand", {201: OverrideOut}, tag=TAG, refused=(404,),
        request=OverrideIn, parameters=[_ACCOUNT],
    )  # fmt: skip
    def post(self, request: Request, customer: str) -> Reply:
        """A word beside the computed score until `expires_at`; one that holds already ends now."""
        check_query(request, ())
        row, asked = _customer(customer), OverrideIn(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        try:
            set_override(row, **said | {"by": said.get("by") or caller(request)})
        except BadOverride as error:
            raise ValidationError({error.field: [str(error)]}) from None
        note_change(row.pk)
        return Reply(_history(row)[0], status=201)

    @documented(
        "End health set by hand", {200: OverrideOut(many=True)}, tag=TAG, refused=(404,),
        parameters=[_ACCOUNT],
    )  # fmt: skip
    def delete(self, request: Request, customer: str) -> Reply:
        """End what holds now; repeatable. The record stays."""
        check_query(request, ())
        row = _customer(customer)
        if end_override(row, by=caller(request)):
            note_change(row.pk)
        return Reply(_history(row))


def caller(request: Request) -> str:
    """Return whoever calls, as the record names them."""
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey):
        return str(_("API key %(name)s") % {"name": key.name})[:150]
    return str(request.user.get_username())


def _customer(name: str) -> Customer:
    found = Customer.objects.filter(external_id=name).first()
    if found is None:
        raise NotFound(_("There is no customer of this external id."))
    return found


def _band(request: Request) -> str:
    wanted = request.query_params.get("band", "")
    if wanted not in ("", "none", *BANDS):
        raise BadQuery({"band": [_("Send red, yellow, green or none.")]})
    return str(wanted)


def whole_number(request: Request, name: str, usual: int, least: int) -> int:
    text = request.query_params.get(name, str(usual))
    most = _MOST if name == "limit" else 10**9
    if not text.isascii() or not text.isdecimal() or not least <= int(text[:10]) <= most:
        message = gettext_lazy("Send a whole number from %(least)s to %(most)s.")
        raise BadQuery({name: [message % {"least": least, "most": most}]})
    return int(text)


# ---- Shapes --------------------------------------------------------------------------


def account_shape(health: Health, due: date | None, facts: Facts) -> dict[str, Any]:
    external, name = facts.customers[health.customer]
    said = health.override
    return {
        "customer": external,
        "name": name,
        "mrr": None if health.mrr is None else float(health.mrr),
        "currency": facts.base,
        "due_date": due,
        "score": health.score,
        "reason": health.result.reason,
        "coverage": health.result.parts.get("coverage") or 0.0,
        "band": health.band,
        "shown_band": health.shown,
        "override": None
        if said is None
        else {
            "band": said.band,
            "by": said.author,
            "reason": said.note,
            "expires_at": Moment().to_representation(said.expires_at),
        },
        "definition_version": health.version,
        "weights_of": health.group,
    }


def _explained(health: Health) -> dict[str, Any]:
    weights = health.result.parts.get("weights", {})
    lost = health.result.parts.get("points_lost", {})
    change = health.change
    return {
        "predicted_satisfaction": health.predicted,
        "components": [
            {
                "name": part.name,
                "score": part.score,
                "weight": part.weight,
                "effective_weight": weights.get(part.name),
                "points_lost": lost.get(part.name),
            }
            for part in health.components
        ],
        "change": None
        if change is None
        else {
            "before": change.before,
            "after": change.after,
            "by_component": {
                name: {"score_effect": by_score, "weight_effect": by_weight}
                for name, (by_score, by_weight) in change.by_component.items()
            },
        },
        "snapshots": [
            {
                "day": row.day,
                "score": row.score,
                "band": row.band or None,
                "coverage": row.coverage,
                "definition_version": row.definition_version,
            }
            for row in HealthSnapshot.objects.filter(customer=health.customer)[:_DAYS]
        ],
    }


def _history(customer: Customer) -> list[dict[str, Any]]:
    rows = list(HealthOverride.objects.filter(customer=customer)[:_MOST])
    now = set(in_force(timezone.now()).filter(customer=customer).values_list("pk", flat=True))
    moment = Moment().to_representation
    return [
        {
            "band": row.band,
            "reason": row.reason,
            "by": row.by,
            "created_at": moment(row.created_at),
            "expires_at": moment(row.expires_at),
            "ended_at": moment(row.ended_at),
            "ended_by": row.ended_by,
            "is_in_force": row.pk in now,
        }
        for row in rows
    ]
