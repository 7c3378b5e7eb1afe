"""Shapes of warning signs and tasks as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.api import shapes
from analytics.care.models import Task, WarningSign
from analytics.care.signs import BY_HAND
from analytics.care.words import told
from surveys.api.fields import Day, Flag, Line, Moment, Strict, Whole, Words, all_optional

_OWNER = "User name of a colleague; null: nobody yet."


class SignOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    customer = serializers.CharField(source="customer.external_id", help_text="Its external id.")
    title = serializers.SerializerMethodField(help_text="In words, for people.")
    evidence = serializers.DictField(
        help_text="What raised it: numbers as they stood, or in `rows` the ids of the "
        "conversations or responses."
    )
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    raised_at = Moment()
    seen_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)

    class Meta:
        model = WarningSign
        fields = [
            "id", "customer", "kind", "title", "about", "evidence", "owner", "due_date", "state",
            "reason", "raised_at", "seen_at", "seen_by", "ended_at", "ended_by", "confirmed_date",
            "confirmed_by",
        ]  # fmt: skip

    def get_title(self, sign: WarningSign) -> str:
        words = self.context.get("told")
        return (words if words is not None else told([sign]))[sign.pk].title


class SignChange(Strict):
    """Only what is sent changes; a reason goes with a state."""

    state = serializers.ChoiceField(
        [str(state) for state in BY_HAND], required=False, help_text="dismissed needs a reason."
    )
    reason = Line(max_length=500, required=False, allow_blank=True)
    owner = Line(max_length=150, required=False, allow_null=True, help_text=_OWNER)
    due_date = Day(required=False)


class PartsOut(serializers.Serializer):  # type: ignore[type-arg]
    acted = serializers.IntegerField()
    confirmed = serializers.IntegerField(help_text="Left or cancelled within 90 days.")
    dismissed = serializers.IntegerField()
    passed = serializers.IntegerField(help_text="Over by itself.")


class KindPrecisionOut(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.CharField(allow_blank=True, help_text='"" is all kinds.')
    result = shapes.ResultOut()
    pending = serializers.IntegerField(
        help_text="Not acted on, and their 90 days still run: not confirmed so far."
    )
    parts = PartsOut()


class PrecisionOut(serializers.Serializer):  # type: ignore[type-arg]
    precision = KindPrecisionOut(many=True)


class TaskOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    customer = serializers.CharField(source="customer.external_id", help_text="Its external id.")
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    sign = serializers.IntegerField(source="sign_id", allow_null=True)
    run = serializers.IntegerField(
        source="run_id", allow_null=True, help_text="The start of a playbook it came from."
    )
    is_done = serializers.SerializerMethodField()
    created_at = Moment()
    done_at = Moment(allow_null=True)

    class Meta:
        model = Task
        fields = [
            "id", "customer", "title", "note", "owner", "due_date", "origin", "sign", "run", "step",
            "is_done", "created_at", "created_by", "done_at", "done_by",
        ]  # fmt: skip

    def get_is_done(self, task: Task) -> bool:
        return task.done_at is not None


class TaskIn(Strict):
    customer = Line(max_length=120, help_text="Its external id.")
    title = Line(max_length=200)
    note = Words(max_length=2000, required=False, allow_blank=True)
    owner = Line(max_length=150, required=False, allow_null=True, help_text=_OWNER)
    due_date = Day(required=False, allow_null=True)
    sign = Whole(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        help_text="The warning sign of this account it is for.",
    )


class TaskChange(Strict):
    """Only what is sent changes."""

    title = Line(max_length=200)
    note = Words(max_length=2000, allow_blank=True)
    owner = Line(max_length=150, allow_null=True, help_text=_OWNER)
    due_date = Day(allow_null=True)
    is_done = Flag(help_text="true finishes it, false opens it again.")

    def get_fields(self) -> dict[str, Any]:
        return all_optional(super().get_fields())


SIGN = {
    "id": 31,
    "customer": "K-1012",
    "kind": "health_fall",
    "title": "Health fell from good to fair in a month",
    "about": "",
    "evidence": {
        "score": 57.1, "band": "yellow", "before": 78.4, "before_band": "green",
        "before_date": "2026-10-30", "version": 1, "parts": [["usage", 69.0, 6.0]],
    },
    "owner": "maya",
    "due_date": "2026-12-06",
    "state": "seen",
    "reason": "",
    "raised_at": "2026-11-29T02:00:04Z",
    "seen_at": "2026-11-29T08:11:30Z",
    "seen_by": "maya",
    "ended_at": None,
    "ended_by": "",
    "confirmed_date": None,
    "confirmed_by": "",
}  # fmt: skip
