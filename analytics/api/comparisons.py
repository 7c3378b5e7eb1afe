"""Shapes of a comparison as the API shows it, and the report put into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from analytics.api.shapes import ChangeOut, FiltersOut, ResultOut, change, result
from analytics.scores.comparison import Comparison, MixReport, ShareDifference, Side
from analytics.scores.slices import NAMES


class SideOut(serializers.Serializer):  # type: ignore[type-arg]
    filters = FiltersOut()
    start = serializers.DateField()
    last = serializers.DateField(help_text="Included.")
    score = ResultOut()


class ShareDifferenceOut(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField()
    name = serializers.CharField()
    a = ResultOut()
    b = ResultOut()
    change = ChangeOut()
    is_real = serializers.BooleanField(help_text="After correcting for all tested together.")


class GroupDifferenceOut(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField(help_text="A channel, a segment, `~rest` or `~others`.")
    a = ResultOut()
    b = ResultOut()
    mix = serializers.FloatField()
    within = serializers.FloatField()


class MixOut(serializers.Serializer):  # type: ignore[type-arg]
    """`mix` (who answered) + `within` (how they answered) = `total`, in the score's unit."""

    by = serializers.CharField(help_text="channel, or the property the segments ask for.")
    total = serializers.FloatField()
    mix = serializers.FloatField()
    within = serializers.FloatField()
    groups = GroupDifferenceOut(many=True)


class ComparisonOut(serializers.Serializer):  # type: ignore[type-arg]
    survey = serializers.CharField()
    a = SideOut()
    b = SideOut()
    change = ChangeOut(help_text="B minus A.")
    shared = serializers.IntegerField(
        allow_null=True, help_text="Answers on both sides; null: too many to count."
    )
    is_real = serializers.BooleanField(help_text="Never when the sides share answers.")
    bands = ShareDifferenceOut(many=True)
    themes = ShareDifferenceOut(many=True, allow_null=True)
    mixes = MixOut(many=True)


def comparison(found: Comparison) -> dict[str, Any]:
    return {
        "survey": found.survey.slug,
        "a": _side(found.a),
        "b": _side(found.b),
        "change": change(found.change),
        "shared": found.shared,
        "is_real": found.is_real,
        "bands": _differences(found.bands),
        "themes": None if found.themes is None else _differences(found.themes),
        "mixes": [_mix(report) for report in found.mixes],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "filters": {name: getattr(side.part, name) for name in NAMES},
        "start": side.period.start,
        "last": side.period.last,
        "score": result(side.score),
    }


def _differences(rows: Iterable[ShareDifference]) -> list[dict[str, Any]]:
    return [
        {
            "key": row.key,
            "name": row.name,
            "a": result(row.a),
            "b": result(row.b),
            "change": change(row.change),
            "is_real": row.is_real,
        }
        for row in rows
    ]


def _mix(report: MixReport) -> dict[str, Any]:
    return {
        "by": report.grouping.by,
        "total": report.whole.total,
        "mix": report.whole.mix,
        "within": report.whole.within,
        "groups": [
            {
                "key": row.key,
                "a": result(row.a),
                "b": result(row.b),
                "mix": row.mix,
                "within": row.within,
            }
            for row in report.rows
        ],
    }
