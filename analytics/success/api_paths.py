"""Paths and their sticking points over the API: how far people come, and who stopped where."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.success.api import WorkspaceView
from analytics.success.api_asked import ASKED, PERIOD, asked_facts, asked_period
from analytics.success.catalogue import facts_for
from analytics.success.metrics.paths import CONVENTION, PathReport, PathStep
from analytics.success.models import Path
from analytics.success.models.paths import MOST_STEPS
from analytics.success.path_reports import report_of, stopped_at
from analytics.success.queries import Facts
from outbox.transactions import write
from surveys.api.docs import documented
from surveys.api.errors import BadQuery
from surveys.api.fields import Line, Strict, Whole
from surveys.api.filtering import check_query

TAG = "Metrics"
MOST_STOPPED = 1000


class PathIn(Strict):
    name = Line(max_length=80)
    steps = serializers.ListField(
        child=Line(max_length=80),
        min_length=2,
        max_length=MOST_STEPS,
        help_text="Names of usage events, in the order people should come to them.",
    )
    window_days = Whole(min_value=1, max_value=365, required=False, help_text="Usually 14.")


class PathOut(serializers.Serializer):  # type: ignore[type-arg]
    path = serializers.CharField()
    name = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField())
    window_days = serializers.IntegerField()


class PathStepOut(serializers.Serializer):  # type: ignore[type-arg]
    step = serializers.IntegerField(help_text="1 is the first.")
    event = serializers.CharField()
    reached = serializers.IntegerField()
    stopped = serializers.IntegerField(help_text="Came here and no further in time.")
    value = serializers.FloatField(allow_null=True, help_text="Share that went on; 0 to 1.")
    interval = serializers.DictField(allow_null=True)
    median_seconds = serializers.FloatField(allow_null=True, help_text="To the next step.")
    is_sticking = serializers.BooleanField(
        help_text="Goes on less often than the median step by over two standard errors."
    )


class PathReportOut(PathOut):
    convention = serializers.CharField()
    period = serializers.CharField()
    zone = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    computed_at = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Share that came through.")
    reason = serializers.CharField(allow_blank=True)
    n = serializers.IntegerField(help_text="People who began and whose time is over.")
    interval = serializers.DictField(allow_null=True)
    pending = serializers.IntegerField(help_text="People whose time is not over.")
    points = PathStepOut(many=True)


class StoppedOut(serializers.Serializer):  # type: ignore[type-arg]
    user = serializers.CharField()
    customer = serializers.CharField(allow_null=True, help_text="Its external id.")
    began_at = serializers.DateTimeField()
    reached_at = serializers.DateTimeField()


class StoppedListOut(serializers.Serializer):  # type: ignore[type-arg]
    total = serializers.IntegerField()
    people = StoppedOut(many=True)


class PathsView(WorkspaceView):
    model: type[Model] = Path

    @documented("List paths", {200: PathOut(many=True)}, tag=TAG)
    def get(self, request: Request) -> Reply:
        """The paths that are watched."""
        check_query(request, ())
        return Reply([_told(path) for path in Path.objects.all()])


class PathView(WorkspaceView):
    model: type[Model] = Path

    @documented(
        "Where people get stuck",
        {200: PathReportOut},
        tag=TAG,
        refused=(404,),
        parameters=PERIOD,
    )
    def get(self, request: Request, slug: str) -> Reply:
        """How far the people came who began in the period, step by step."""
        path = path_named(slug)
        check_query(request, ASKED)
        period = asked_period(request)
        facts = asked_facts(facts_for, request, period)
        report = report_of(path, facts, period)
        through = report.through.as_dict()
        return Reply(
            _told(path)
            | {name: through[name] for name in ("value", "reason", "n", "interval")}
            | {
                "convention": CONVENTION,
                "period": str(period),
                "zone": facts.zone,
                "segment": facts.segment,
                "computed_at": facts.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "pending": report.pending,
                "points": _points(report),
            }
        )

    @documented("Watch a path", {200: PathOut}, tag=TAG, request=PathIn, refused=(404,))
    def put(self, request: Request, slug: str) -> Reply:
        """Make the path of this short name, or change it."""
        check_query(request, ())
        asked = PathIn(data=request.data)
        asked.is_valid(raise_exception=True)
        with write():
            path, _is_new = Path.objects.update_or_create(slug=slug, defaults=asked.validated_data)
        return Reply(_told(path))

    @documented("Watch a path no longer", {204: None}, tag=TAG, refused=(404,))
    def delete(self, request: Request, slug: str) -> Reply:
        """The events stay."""
        check_query(request, ())
        path_named(slug).delete()
        return Reply(status=204)


class StoppedView(WorkspaceView):
    model: type[Model] = Path

    @documented(
        "Who stopped at a step",
        {200: StoppedListOut},
        tag=TAG,
        refused=(404,),
        parameters=[OpenApiParameter("step", int, required=True), *PERIOD],
    )
    def get(self, request: Request, slug: str) -> Reply:
        """The newest first, at most 1,000 of them; `total` says how many there are."""
        path = path_named(slug)
        check_query(request, (*ASKED, "step"))
        step, period = _step(request, path), asked_period(request)
        facts = asked_facts(facts_for, request, period)
        walks = stopped_at(path, facts, period, step=step)
        return Reply(
            {
                "total": len(walks),
                "people": [
                    {
                        "user": walk.user,
                        "customer": _external(facts, walk.customer),
                        "began_at": walk.reached[0],
                        "reached_at": walk.reached[-1],
                    }
                    for walk in walks[:MOST_STOPPED]
                ],
            }
        )


def _external(facts: Facts, customer: Any) -> str | None:
    found = facts.customers.get(customer)
    return found[0] if found else None


def path_named(slug: str) -> Path:
    found = Path.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no path of this name."))
    return found


def _step(request: Request, path: Path) -> int:
    text, most = request.query_params.get("step", ""), len(path.steps) - 1
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:3]) <= most:
        message = _("Send a whole number from 1 to %(most)s.")
        raise BadQuery({"step": [message % {"most": most}]})
    return int(text[:3])


def _told(path: Path) -> dict[str, Any]:
    return {
        "path": path.slug,
        "name": path.name,
        "steps": path.steps,
        "window_days": path.window_days,
    }


def _points(report: PathReport) -> list[dict[str, Any]]:
    return [_point(place, step) for place, step in enumerate(report.steps, 1)]


def _point(place: int, step: PathStep) -> dict[str, Any]:
    onward = step.share.as_dict() if step.share else {"value": None, "interval": None}
    return {
        "step": place,
        "event": step.name,
        "reached": step.reached,
        "stopped": step.stopped,
        "value": onward["value"],
        "interval": onward["interval"],
        "median_seconds": step.seconds,
        "is_sticking": step.is_sticking,
    }
