"""Where people struggle, over the API: what the page of the metric shows."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.success.api import WorkspaceView
from analytics.success.api_asked import ASKED, PERIOD, asked_facts, asked_period
from analytics.success.catalogue import facts_for
from analytics.success.friction_reports import spots
from analytics.success.metrics.friction import CONVENTION, Spot
from analytics.success.models import UsageEvent
from surveys.api.docs import documented
from surveys.api.filtering import check_query

TAG = "Metrics"
MOST_PLACES = 1000


class PlaceOut(serializers.Serializer):  # type: ignore[type-arg]
    place = serializers.CharField(
        allow_blank=True, help_text="The feature, else the page; empty where neither was told."
    )
    kind = serializers.CharField(help_text="rage-click or error.")
    name = serializers.CharField(help_text="What was clicked, or the error with script and line.")
    times = serializers.IntegerField()
    people = serializers.IntegerField(help_text="Active users who met it.")
    value = serializers.FloatField(allow_null=True, help_text="Of the active users; 0 to 1.")
    n = serializers.IntegerField(help_text="Active users.")
    interval = serializers.DictField(allow_null=True)
    before = serializers.FloatField(
        allow_null=True, help_text="In the span before, as long; null: nobody was watching."
    )
    change = serializers.DictField(
        allow_null=True, help_text="Against the span before, with interval and p-value."
    )
    is_clear_change = serializers.BooleanField(
        help_text="None of chance, all places tested together."
    )


class PlacesOut(serializers.Serializer):  # type: ignore[type-arg]
    convention = serializers.CharField()
    period = serializers.CharField()
    zone = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    computed_at = serializers.CharField()
    total = serializers.IntegerField()
    places = PlaceOut(many=True)


class PlacesView(WorkspaceView):
    model: type[Model] = UsageEvent

    @documented("Where people struggle", {200: PlacesOut}, tag=TAG, parameters=PERIOD)
    def get(self, request: Request) -> Reply:
        """Rage clicks and errors by place, what struck most people first, at most 1,000."""
        check_query(request, ASKED)
        period = asked_period(request)
        facts = asked_facts(facts_for, request, period)
        found = spots(facts, period)
        return Reply(
            {
                "convention": CONVENTION,
                "period": str(period),
                "zone": facts.zone,
                "segment": facts.segment,
                "computed_at": facts.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "total": len(found),
                "places": [_told(spot) for spot in found[:MOST_PLACES]],
            }
        )


def _told(spot: Spot) -> dict[str, Any]:
    result = spot.result.as_dict()
    return {
        "place": spot.place,
        "kind": spot.kind,
        "name": spot.name,
        "times": spot.times,
        "people": int(result["numerator"] or 0),
        **{name: result[name] for name in ("value", "n", "interval")},
        "before": spot.before.as_dict()["value"] if spot.before else None,
        "change": spot.change.as_dict() if spot.change else None,
        "is_clear_change": spot.is_clear,
    }
