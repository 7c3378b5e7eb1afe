"""Shapes of the cohort triangle over the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.periods import Period
from analytics.success.metrics.cohorts import Cohort
from analytics.success.spans import name_of


class KeptOut(serializers.Serializer):  # type: ignore[type-arg]
    months = serializers.IntegerField(help_text="Whole months since the cohort’s own month ended.")
    count = serializers.IntegerField(help_text="Customers who pay then, still or again.")
    value = serializers.FloatField(allow_null=True, help_text="Of the cohort’s size; 0 to 1.")
    interval = serializers.DictField(allow_null=True)


class CohortOut(serializers.Serializer):  # type: ignore[type-arg]
    month = serializers.CharField(help_text="Of the first payment, such as 2026-10.")
    size = serializers.IntegerField()
    kept = KeptOut(many=True, help_text="One entry a month that is over.")


class CohortsOut(serializers.Serializer):  # type: ignore[type-arg]
    convention = serializers.CharField()
    zone = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    computed_at = serializers.CharField()
    cohorts = CohortOut(many=True)


def cohort_told(span: Period, cohort: Cohort) -> dict[str, Any]:
    rates = [cohort.rate(k).as_dict() for k in range(len(cohort.kept))]
    return {
        "month": name_of(span),
        "size": cohort.size,
        "kept": [
            {"months": k, "count": count, "value": rate["value"], "interval": rate["interval"]}
            for k, (count, rate) in enumerate(zip(cohort.kept, rates, strict=True))
        ],
    }
