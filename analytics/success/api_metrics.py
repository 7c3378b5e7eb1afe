"""Metrics over the API: what there is, one value, its months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.periods import Period
from analytics.success.api import WorkspaceView
from analytics.success.api_asked import (
    ASKED,
    PERIOD,
    asked_as_of,
    asked_facts,
    asked_months,
    asked_period,
)
from analytics.success.api_cohorts import CohortsOut, cohort_told
from analytics.success.catalogue import (
    METRICS,
    Definition,
    facts_for,
    facts_of_months,
    months_to,
)
from analytics.success.cohort_reports import CONVENTION, cohorts_of
from analytics.success.kept import Age, values_of
from analytics.success.models import SubscriptionState
from analytics.success.queries import Facts
from surveys.api.docs import documented
from surveys.api.filtering import check_query
from surveys.models import Segment

TAG = "Metrics"


class DefinitionOut(serializers.Serializer):  # type: ignore[type-arg]
    metric = serializers.CharField()
    name = serializers.CharField()
    group = serializers.CharField()
    unit = serializers.CharField(
        help_text="fraction (0..1), points (-100..100), money, seconds or count."
    )
    better = serializers.CharField(allow_blank=True, help_text="up, down, or empty for neither.")
    formula = serializers.CharField()
    note = serializers.CharField()
    needs = serializers.ListField(
        child=serializers.CharField(), help_text="Kinds of facts; none for what surveys tell."
    )
    definition_version = serializers.IntegerField()


class ValueOut(DefinitionOut):
    value = serializers.FloatField(allow_null=True)
    status = serializers.CharField(help_text="ok, provisional (the period is not over) or null.")
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no value.")
    numerator = serializers.FloatField(allow_null=True)
    denominator = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    interval = serializers.DictField(allow_null=True)
    pending = serializers.IntegerField(help_text="Units too young to count.")
    convention = serializers.CharField()
    currency = serializers.CharField(allow_blank=True)
    period = serializers.CharField()
    zone = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    computed_at = serializers.CharField()
    facts_since = serializers.IntegerField(
        help_text="Rows of the facts it is made of that came in after `computed_at`. Above 0 only "
        "in a large workspace, where figures are computed ahead."
    )
    parts = serializers.DictField(help_text="Further figures of this metric by name.")


class SeriesOut(serializers.Serializer):  # type: ignore[type-arg]
    metric = serializers.CharField()
    points = ValueOut(many=True)


class SegmentsOut(DefinitionOut):
    values = ValueOut(many=True, help_text="`segment` is empty for all customers.")


class MetricView(WorkspaceView):
    model: type[Model] = SubscriptionState


class MetricsView(MetricView):
    @documented("List metrics", {200: DefinitionOut(many=True)}, tag=TAG)
    def get(self, request: Request) -> Reply:
        """Every metric with its formula and the facts it needs."""
        check_query(request, ())
        return Reply([_definition(found) for found in METRICS.values()])


class MetricValueView(MetricView):
    @documented("A metric’s value", {200: ValueOut}, tag=TAG, refused=(404,), parameters=PERIOD)
    def get(self, request: Request, slug: str) -> Reply:
        """`value` null means undefined, and `reason` says why; 0 means measured and none found."""
        found = _metric(slug)
        check_query(request, ASKED)
        period = asked_period(request)
        facts = asked_facts(facts_for, request, period)
        [told] = _values(request, found, facts, [period])
        return Reply(_definition(found) | told)


class MetricSeriesView(MetricView):
    @documented(
        "A metric month by month",
        {200: SeriesOut},
        tag=TAG,
        refused=(404,),
        parameters=[*PERIOD, OpenApiParameter("months", int, description="1 to 36, usually 13.")],
    )
    def get(self, request: Request, slug: str) -> Reply:
        """The calendar months up to the one the period ends in."""
        found = _metric(slug)
        check_query(request, (*ASKED, "months"))
        period, months = asked_period(request), asked_months(request)
        facts = asked_facts(facts_of_months, request, period, months)
        points = _values(request, found, facts, months_to(period, months))
        return Reply({"metric": slug, "points": points})


class MetricSegmentsView(MetricView):
    @documented(
        "A metric by segment",
        {200: SegmentsOut},
        tag=TAG,
        refused=(404,),
        parameters=[wanted for wanted in PERIOD if wanted.name != "segment"],
    )
    def get(self, request: Request, slug: str) -> Reply:
        """All customers first, then each segment. Segments may share customers."""
        found = _metric(slug)
        check_query(request, [name for name in ASKED if name != "segment"])
        period, as_of = asked_period(request), asked_as_of(request)
        names = ["", *Segment.objects.order_by("name").values_list("slug", flat=True)]
        values: list[dict[str, Any]] = []
        for name in names:
            facts = facts_for(period, segment=name, as_of=as_of)
            values += _values(request, found, facts, [period])
        return Reply(_definition(found) | {"values": values})


class CohortsView(MetricView):
    @documented(
        "Cohorts",
        {200: CohortsOut},
        tag=TAG,
        parameters=[*PERIOD, OpenApiParameter("months", int, description="1 to 36, usually 13.")],
    )
    def get(self, request: Request) -> Reply:
        """Who stayed, by the month of the first payment: one row for each calendar month that is
        over, up to the one the period ends in. Months in which nobody began have size 0 and
        `value` null."""
        check_query(request, (*ASKED, "months"))
        period, months = asked_period(request), asked_months(request)
        facts = asked_facts(facts_of_months, request, period, months)
        found = cohorts_of(facts, months_to(period, months))
        return Reply(
            {
                "convention": CONVENTION,
                "zone": facts.zone,
                "segment": facts.segment,
                "computed_at": facts.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "cohorts": [cohort_told(span, cohort) for span, cohort in found],
            }
        )


def _values(
    request: Request, found: Definition, facts: Facts, spans: Sequence[Period]
) -> list[dict[str, Any]]:
    """Return a metric of each span as the API tells it, with what came in since."""
    values = values_of(found, facts, spans, as_of=asked_as_of(request))
    return [result.as_dict() | {"facts_since": _since(age)} for result, age in values]


def _since(age: Age | None) -> int:
    return age.since if age else 0


def _definition(found: Definition) -> dict[str, Any]:
    return {
        "metric": found.slug,
        "name": str(found.name),
        "group": found.group,
        "unit": found.unit,
        "better": found.better,
        "formula": str(found.formula),
        "note": str(found.note),
        "needs": list(found.needs),
        "definition_version": found.version,
    }


def _metric(slug: str) -> Definition:
    if slug not in METRICS:
        known = ", ".join(METRICS)
        raise NotFound(_("There is no metric of this name. Known: %(known)s.") % {"known": known})
    return METRICS[slug]
