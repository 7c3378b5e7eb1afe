"""What health is made of, and whether it predicts, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.success.api import WorkspaceView, is_asked
from analytics.success.api_accounts import TAG, caller
from analytics.success.backtest import DAYS, asked_days, backtest
from analytics.success.backtest_pages import verdict_words
from analytics.success.definition_pages import preview_of
from analytics.success.health import health_facts
from analytics.success.health_definitions import (
    BadDefinition,
    Overtaken,
    curves_of,
    definition_in_force,
    problems_of,
    store,
)
from analytics.success.metrics.health import MIN_COVERAGE
from analytics.success.metrics.health_definition import Definition
from analytics.success.models import HealthDefinition, HealthSnapshot
from surveys.api.docs import documented
from surveys.api.errors import BadQuery, Conflict
from surveys.api.fields import Line, Strict, Whole
from surveys.api.filtering import check_query


class Number(serializers.FloatField):
    """A JSON number: 30 or 0.5, not "30" or true."""

    default_error_messages = {"invalid": gettext_lazy("Send a number, without quotation marks.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float) or abs(data) > 1e9:
            self.fail("invalid")
        return float(data)


class Pair(serializers.ListField):
    """[value, points]."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Number(), min_length=2, max_length=2, **kwargs)


class Numbers(serializers.DictField):
    child = Number()


class DefinitionShape(serializers.Serializer):  # type: ignore[type-arg]
    version = serializers.IntegerField()
    weights = serializers.DictField(
        child=Numbers(),
        help_text='Group to component to weight, each adding up to 100. "" is all accounts, '
        '"new:" those of the first 30 days, any other a segment, asked in this order.',
    )
    curves = serializers.DictField(
        child=serializers.ListField(child=Pair()),
        help_text="Measure to [[value, points 0..100], …], values rising.",
    )
    min_coverage = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)


class PreviewOut(serializers.Serializer):  # type: ignore[type-arg]
    accounts = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="Accounts that would be in another band.")
    moves = serializers.DictField(child=serializers.IntegerField(), help_text="red>yellow: 3")


class DefinitionIn(Strict):
    follows = Whole(min_value=1, help_text="The version in force, so that nobody is overrun.")
    weights = serializers.DictField(child=Numbers())
    curves = serializers.DictField(child=serializers.ListField(child=Pair()), required=False)
    reason = Line(max_length=200)


class HealthBandOut(serializers.Serializer):  # type: ignore[type-arg]
    band = serializers.CharField()
    churned = serializers.IntegerField()
    accounts = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    interval = serializers.DictField(allow_null=True)


class ValidationOut(serializers.Serializer):  # type: ignore[type-arg]
    days = serializers.IntegerField()
    definition_version = serializers.IntegerField()
    verdict = serializers.CharField(
        help_text="too_little_history, not_predictive_yet or predictive."
    )
    words = serializers.CharField()
    churned = serializers.IntegerField()
    kept = serializers.IntegerField()
    auc = serializers.FloatField(allow_null=True, help_text="0.5 is chance.")
    interval = serializers.DictField(allow_null=True)
    bands = HealthBandOut(many=True)
    component_auc = serializers.DictField(child=serializers.FloatField(allow_null=True))


class DefinitionView(WorkspaceView):
    model: type[Model] = HealthDefinition

    @documented("What health is made of", {200: DefinitionShape}, tag=TAG)
    def get(self, request: Request) -> Reply:
        """The definition in force."""
        check_query(request, ())
        return Reply(_shape(definition_in_force()))

    @documented(
        "Set what health is made of",
        {200: PreviewOut, 201: DefinitionShape},
        tag=TAG,
        refused=(409,),
        request=DefinitionIn,
        parameters=[OpenApiParameter("dry_run", bool, description="Only say who would move.")],
    )
    def post(self, request: Request) -> Reply:
        """The next version. With `dry_run` nothing is stored, and the answer (200) counts the
        accounts that would be in another band. Stored snapshots keep their version."""
        check_query(request, ("dry_run",))
        asked = DefinitionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        said, current = asked.validated_data, definition_in_force()
        curves = dict(current.curves) | curves_of(said.get("curves", {}))
        draft = Definition(current.version + 1, said["weights"], curves)
        if problems := problems_of(draft):
            raise ValidationError(problems)
        if is_asked(request, "dry_run"):
            found = preview_of(health_facts(), current, draft)
            return Reply(
                {"accounts": found["total"], "moved": found["moved"], "moves": found["counts"]}
            )
        try:
            row = store(draft, follows=said["follows"], reason=said["reason"], by=caller(request))
        except BadDefinition as error:
            raise ValidationError(error.problems) from None
        except Overtaken:
            message = _("Version %(n)s is in force now; read it and decide again.")
            raise Conflict(message % {"n": definition_in_force().version}) from None
        return Reply(_shape(definition_in_force(), row), status=201)


def _shape(found: Definition, row: HealthDefinition | None = None) -> dict[str, Any]:
    row = row or HealthDefinition.objects.filter(version=found.version).first()
    return {
        "version": found.version,
        "weights": {group: dict(weights) for group, weights in found.weights.items()},
        "curves": {name: [list(point) for point in line] for name, line in found.curves.items()},
        "min_coverage": MIN_COVERAGE,
        "reason": row.reason if row else "",
        "by": row.by if row else "",
    }


class ValidationView(WorkspaceView):
    model: type[Model] = HealthSnapshot

    @documented(
        "Does health predict churn?",
        {200: ValidationOut},
        tag=TAG,
        parameters=[
            OpenApiParameter("days", int, description="How far ahead: 30, 60, 90 (usual) or 180."),
            OpenApiParameter("version", int, description="A definition; usually the one in force."),
        ],
    )
    def get(self, request: Request) -> Reply:
        """Scores as they were stored against who had left `days` later. Below 30 accounts on
        either side there is no figure."""
        check_query(request, ("days", "version"))
        try:
            days = asked_days(request.query_params.get("days", ""))
        except ValueError:
            offered = ", ".join(map(str, DAYS))
            raise BadQuery({"days": [_("Send one of %(days)s.") % {"days": offered}]}) from None
        version = request.query_params.get("version", "0")
        if not (version.isascii() and version.isdecimal() and len(version) < 6):
            raise BadQuery({"version": [_("Send a whole number.")]})
        found = backtest(health_facts(), days=days, version=int(version) or None)
        told = found.validation
        return Reply(
            {
                "days": days,
                "definition_version": found.version,
                "verdict": told.verdict,
                "words": verdict_words(found),
                "churned": told.churned,
                "kept": told.kept,
                "auc": told.auc,
                "interval": None if told.interval is None else _ends(told.interval),
                "bands": [
                    {
                        "band": band,
                        "churned": int(share.numerator or 0),
                        "accounts": share.n,
                        "share": None if share.value is None else float(share.value),
                        "interval": None if share.interval is None else _ends(share.interval),
                    }
                    for band, share in (told.churn_by_band or {}).items()
                ],
                "component_auc": dict(told.component_auc or {}),
            }
        )


def _ends(interval: Any) -> dict[str, Any]:
    return {
        "low": float(interval.low),
        "high": float(interval.high),
        "level": interval.level,
        "method": interval.method,
    }
