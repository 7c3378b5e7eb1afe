"""A survey's months as the API shows them: now, and as they were closed."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.api import shapes
from analytics.scores.months import Month
from surveys.api.fields import stamp


class ClosedMonthOut(serializers.Serializer):  # type: ignore[type-arg]
    score = shapes.ResultOut()
    held = serializers.IntegerField(help_text="Answers held as a machine's then.")
    closed_at = serializers.DateTimeField()
    definition_version = serializers.IntegerField()


class RestatedOut(serializers.Serializer):  # type: ignore[type-arg]
    """Net counts: an answer that came and went in between is not seen."""

    delta = serializers.FloatField(allow_null=True, help_text="Score now minus score as closed.")
    later_answers = serializers.IntegerField()
    erased_answers = serializers.IntegerField()
    held_answers = serializers.IntegerField(help_text="Held as a machine's since.")
    restored_answers = serializers.IntegerField()
    changed_answers = serializers.IntegerField()


class MonthOut(serializers.Serializer):  # type: ignore[type-arg]
    start = serializers.DateField()
    last = serializers.DateField(help_text="Last day, included.")
    score = shapes.ResultOut(help_text="As it is now.")
    held = serializers.IntegerField()
    closes_on = serializers.DateField(help_text="When it has settled, at the earliest.")
    closed = ClosedMonthOut(allow_null=True)
    restated = RestatedOut(allow_null=True, help_text="null: reads as when it was closed.")


class MonthsOut(serializers.Serializer):  # type: ignore[type-arg]
    survey = serializers.CharField()
    settling_days = serializers.IntegerField()
    months = MonthOut(many=True)


def month_out(month: Month) -> dict[str, Any]:
    return {
        "start": month.period.start,
        "last": month.period.last,
        "score": shapes.result(month.score),
        "held": month.held,
        "closes_on": month.closes_on,
        "closed": _closed(month),
        "restated": _restated(month),
    }


def _closed(month: Month) -> dict[str, Any] | None:
    if month.snapshot is None or month.closed is None:
        return None
    return {
        "score": shapes.result(month.closed),
        "held": month.snapshot.held,
        "closed_at": stamp(month.snapshot.closed_at),
        "definition_version": month.snapshot.definition_version,
    }


def _restated(month: Month) -> dict[str, Any] | None:
    moved = month.restated
    if moved is None:
        return None
    return {
        "delta": moved.delta,
        "later_answers": moved.later,
        "erased_answers": moved.erased,
        "held_answers": moved.held,
        "restored_answers": moved.restored,
        "changed_answers": moved.changed,
    }
