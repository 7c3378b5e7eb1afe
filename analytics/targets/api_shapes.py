"""Shapes of targets as the API takes and shows them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics.api import shapes
from analytics.targets import sentences
from analytics.targets.currency import currency_of
from analytics.targets.judging import Judged
from analytics.targets.measures import MEASURES
from analytics.targets.models import Alarm, Target, TargetClose
from surveys.api.fields import Line, Moment, Strict, Whole, all_optional

_LARGEST = 10**11
STATES = ("met", "missed", "unclear")


@extend_schema_field({"type": "number", "minimum": -100, "maximum": _LARGEST})
class Amount(serializers.Field):  # type: ignore[type-arg]
    """A number in the unit of the metric, to four decimals."""

    default_error_messages = {"invalid": gettext_lazy("Send a number, without quotation marks.")}

    def to_internal_value(self, data: Any) -> Decimal:
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        if not is_number or not math.isfinite(data) or not -100 <= data <= _LARGEST:
            self.fail("invalid")
        return Decimal(repr(data)).quantize(Decimal("0.0001"))

    def to_representation(self, value: Decimal) -> float:
        return float(value)


class WishesIn(Strict):
    """What an answer must have to count; a wish left out is no wish."""

    segment = Line(max_length=60, required=False)
    channel = Line(max_length=8, required=False)
    language = Line(max_length=12, required=False)
    theme = Line(max_length=60, required=False)
    sentiment = Line(max_length=8, required=False)


class TargetIn(Strict):
    metric = serializers.ChoiceField(
        list(MEASURES), help_text="score, response-rate, negative-share, or a metric of customers."
    )
    survey = Line(
        max_length=60,
        required=False,
        allow_null=True,
        help_text="The survey's slug; null for metrics of customers.",
    )
    filters = WishesIn(required=False)
    direction = serializers.ChoiceField(Target.Direction.choices)
    goal = Amount(help_text="In the metric's unit: points, a fraction 0 to 1, seconds, money.")
    period = serializers.ChoiceField(Target.Period.choices)
    owner = Line(
        max_length=150,
        required=False,
        allow_null=True,
        help_text="User name of a colleague: gets one mail when an alarm starts.",
    )
    quiet_days = Whole(
        min_value=1, max_value=365, required=False, help_text="Without a second mail. Usual: 14."
    )


class TargetChange(TargetIn):
    """Only what is sent changes."""

    def get_fields(self) -> dict[str, Any]:
        return all_optional(super().get_fields())


class TargetOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    survey = serializers.CharField(source="survey.slug", allow_null=True, default=None)
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    filters = serializers.DictField(child=serializers.CharField())
    goal = serializers.FloatField()
    unit = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField(help_text="In words, for people.")
    open_alarms = serializers.SerializerMethodField()
    created_at = Moment()

    class Meta:
        model = Target
        fields = [
            "id", "name", "metric", "survey", "filters", "direction", "goal", "unit", "period",
            "owner", "quiet_days", "judged_from", "open_alarms", "created_at",
        ]  # fmt: skip

    def get_unit(self, target: Target) -> str:
        return sentences.unit_of(target)

    def get_name(self, target: Target) -> str:
        return sentences.title_of(target, currency_of(target))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_open_alarms(self, target: Target) -> list[str]:
        return sorted(alarm.kind for alarm in target.alarms.all() if alarm.ended_date is None)


class JudgedOut(serializers.Serializer):  # type: ignore[type-arg]
    start = serializers.DateField()
    last = serializers.DateField(help_text="Last day, included.")
    state = serializers.ChoiceField(
        STATES,
        allow_null=True,
        help_text="met or missed only when all of the interval lies on one side; null: too little.",
    )
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no state.")
    gap = serializers.FloatField(
        allow_null=True, help_text="Distance to the goal, positive on the good side."
    )
    result = shapes.ResultOut()


class StateOut(JudgedOut):
    running = JudgedOut(help_text="The period that is not over, or the days up to today.")
    before = JudgedOut(allow_null=True, help_text="The last period that is over.")


class ClosedOut(serializers.Serializer):  # type: ignore[type-arg]
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    state = serializers.CharField(allow_blank=True)
    goal = serializers.FloatField()
    definition_version = serializers.IntegerField()
    closed_at = Moment()


class PeriodOut(JudgedOut):
    closed = ClosedOut(
        allow_null=True, help_text="As published when it had settled; never changes."
    )


class PeriodsOut(serializers.Serializer):  # type: ignore[type-arg]
    periods = PeriodOut(many=True)


class AlarmOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    acknowledged_at = Moment(allow_null=True)

    class Meta:
        model = Alarm
        fields = [
            "id", "kind", "started_date", "since_date", "value", "low", "high", "n", "goal",
            "is_told", "ended_date", "end", "acknowledged_at", "acknowledged_by",
        ]  # fmt: skip

    goal = serializers.FloatField()


class AlarmsOut(serializers.Serializer):  # type: ignore[type-arg]
    alarms = AlarmOut(many=True)


EXAMPLE = {
    "metric": "score",
    "survey": "product-nps",
    "filters": {"segment": "growth"},
    "direction": "at_least",
    "goal": 45,
    "period": "90d",
    "owner": "maya",
}


_JUDGED = {
    "start": "2026-08-30",
    "last": "2026-11-27",
    "state": "missed",
    "reason": "",
    "gap": -4.2,
    "result": {
        "value": 40.8,
        "unit": "points",
        "n": 812,
        "numerator": None,
        "denominator": 812.0,
        "interval": {"low": 36.4, "high": 44.9, "level": 0.95, "method": "tango score"},
        "status": "ok",
        "reason": "",
        "convention": "nps",
    },
}
STATE = {**_JUDGED, "running": _JUDGED, "before": None}


def judged_out(judged: Judged) -> dict[str, Any]:
    state = judged.state
    return {
        "start": judged.period.start,
        "last": judged.period.last,
        "state": state.state,
        "reason": "" if state.state else state.reason,
        "gap": None if state.gap is None else float(state.gap),
        "result": shapes.result(judged.result),
    }


def closed_out(close: TargetClose | None) -> dict[str, Any] | None:
    return None if close is None else dict(ClosedOut(close).data)
