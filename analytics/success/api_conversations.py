"""Support conversations over the API: what is predicted of each, and both figures side by side."""

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
from analytics.success.api_accounts import caller, whole_number
from analytics.success.conversation_pages import SHOWN, rows_of
from analytics.success.conversation_words import doubt_words
from analytics.success.conversations import mark_handled
from analytics.success.models import Conversation, SatisfactionModel
from analytics.success.satisfaction import satisfaction
from surveys.api.docs import documented
from surveys.api.errors import BadQuery
from surveys.api.fields import Flag, Moment, Strict
from surveys.api.filtering import check_query

TAG = "Conversations"


class AlertOut(serializers.Serializer):  # type: ignore[type-arg]
    at = Moment()
    by = serializers.CharField(help_text="model or rules.")
    rules = serializers.ListField(child=serializers.CharField())
    cleared_at = Moment(allow_null=True)
    handled_at = Moment(allow_null=True)
    handled_by = serializers.CharField(allow_blank=True)


class PredictedOut(serializers.Serializer):  # type: ignore[type-arg]
    probability = serializers.FloatField(
        allow_null=True, help_text="Of rating good, if the customer rated. Never a measurement."
    )
    decision = serializers.CharField(
        allow_blank=True, help_text="satisfied, dissatisfied or abstain."
    )
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no probability.")
    model = serializers.IntegerField(allow_null=True)
    contributions = serializers.DictField(
        child=serializers.FloatField(), help_text="Feature to log-odds against the average."
    )
    features = serializers.DictField(child=serializers.FloatField(allow_null=True))


class ConversationOut(serializers.Serializer):  # type: ignore[type-arg]
    ticket = serializers.CharField()
    customer = serializers.CharField(allow_null=True)
    last_at = Moment(allow_null=True, help_text="Last message of the customer.")
    messages = serializers.IntegerField()
    is_resolved = serializers.BooleanField()
    measured = serializers.CharField(allow_null=True, help_text="good or bad; null: not rated.")
    predicted = PredictedOut()
    alert = AlertOut(allow_null=True)


class ConversationsOut(serializers.Serializer):  # type: ignore[type-arg]
    count = serializers.IntegerField()
    results = ConversationOut(many=True)


class FigureOut(serializers.Serializer):  # type: ignore[type-arg]
    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    n = serializers.IntegerField()
    interval = serializers.DictField(allow_null=True)
    convention = serializers.CharField()


class SatisfactionModelOut(serializers.Serializer):  # type: ignore[type-arg]
    model = serializers.IntegerField()
    trained_at = Moment()
    rated = serializers.IntegerField()
    rarer = serializers.IntegerField()
    is_usable = serializers.BooleanField()
    doubts = serializers.ListField(child=serializers.CharField())
    disabled_at = Moment(allow_null=True)
    coefficients = serializers.DictField(child=serializers.FloatField())
    evaluation = serializers.DictField(
        help_text="On newer conversations: n, auc, brier, skill, skill_low, slope, ece, bins."
    )


class SatisfactionOut(serializers.Serializer):  # type: ignore[type-arg]
    since = Moment()
    measured = FigureOut(help_text="Share good of the rated conversations.")
    predicted = FigureOut(help_text="Of those nobody rated; its interval holds the model’s error.")
    dissatisfied = serializers.IntegerField()
    satisfied = serializers.IntegerField()
    abstained = serializers.IntegerField()
    without_prediction = serializers.DictField(child=serializers.IntegerField())
    rated_by_now = serializers.IntegerField()
    why_not = serializers.ListField(child=serializers.CharField())
    model = SatisfactionModelOut(allow_null=True, help_text="In force, else the last one tried.")


class HandledIn(Strict):
    is_handled = Flag(help_text="true: somebody has looked at it.")


class ConversationsView(WorkspaceView):
    model: type[Model] = Conversation

    @documented(
        "Conversations",
        {200: ConversationsOut},
        tag=TAG,
        operation_id="conversations_list",
        parameters=[
            OpenApiParameter(
                "show", str, description="dissatisfied (predicted; usual), alerts or all."
            ),
            OpenApiParameter("limit", int, description="1 to 1000, usually 100."),
            OpenApiParameter("offset", int),
        ],
    )
    def get(self, request: Request) -> Reply:
        """Unrated ones predicted dissatisfied, the surest first; those a supervisor is wanted for;
        or all, newest first."""
        check_query(request, ("show", "limit", "offset"))
        show = request.query_params.get("show", SHOWN[0])
        if show not in SHOWN:
            raise BadQuery({"show": [_("Send one of %(known)s.") % {"known": ", ".join(SHOWN)}]})
        limit, offset = (
            whole_number(request, "limit", 100, 1),
            whole_number(request, "offset", 0, 0),
        )
        rows = rows_of(show, satisfaction())
        page = rows[offset : offset + limit]
        return Reply({"count": rows.count(), "results": [_shape(row) for row in page]})


class ConversationView(WorkspaceView):
    model: type[Model] = Conversation

    @documented("One conversation", {200: ConversationOut}, tag=TAG, refused=(404,))
    def get(self, request: Request, ticket: str) -> Reply:
        """By the external id of its ticket."""
        check_query(request, ())
        return Reply(_shape(_named(ticket)))

    @documented(
        "Note that an alert was looked at", {200: ConversationOut}, tag=TAG, refused=(404,),
        request=HandledIn,
    )  # fmt: skip
    def patch(self, request: Request, ticket: str) -> Reply:
        """Takes it off the supervisor's list; repeatable, the first one stays on record."""
        check_query(request, ())
        asked = HandledIn(data=request.data)
        asked.is_valid(raise_exception=True)
        row = _named(ticket)
        if asked.validated_data["is_handled"]:
            mark_handled(row.pk, by=caller(request))
        return Reply(_shape(_named(ticket)))


class SatisfactionView(WorkspaceView):
    model: type[Model] = SatisfactionModel

    @documented("Satisfaction, measured and predicted", {200: SatisfactionOut}, tag=TAG)
    def get(self, request: Request) -> Reply:
        """Conversations of 90 days: two figures that are never added up, and what the model was
        proved by."""
        check_query(request, ())
        found = satisfaction()
        newest = found.model or found.newest
        moment = Moment().to_representation
        return Reply(
            {
                "since": moment(found.since),
                "measured": _figure(found.measured),
                "predicted": _figure(found.predicted),
                "dissatisfied": found.dissatisfied,
                "satisfied": found.satisfied,
                "abstained": found.abstained,
                "without_prediction": found.silent,
                "rated_by_now": found.offered,
                "why_not": []
                if found.model
                else doubt_words(newest, offered=found.offered, rarer=found.offered_rarer),
                "model": None
                if newest is None
                else {
                    "model": newest.pk,
                    "trained_at": moment(newest.trained_at),
                    "rated": newest.rated,
                    "rarer": newest.rarer,
                    "is_usable": newest.is_usable,
                    "doubts": newest.doubts,
                    "disabled_at": moment(newest.disabled_at),
                    "coefficients": newest.coefficients,
                    "evaluation": newest.evaluation,
                },
            }
        )


def _named(ticket: str) -> Conversation:
    found = Conversation.objects.select_related("customer").filter(ticket=ticket).first()
    if found is None:
        raise NotFound(_("There is no conversation of this ticket; send facts/messages first."))
    return found


def _figure(result: Any) -> dict[str, Any]:
    told = result.as_dict()
    return {name: told[name] for name in ("value", "reason", "n", "interval", "convention")}


def _shape(row: Conversation) -> dict[str, Any]:
    moment = Moment().to_representation
    measured = None if row.is_satisfied is None else "good" if row.is_satisfied else "bad"
    return {
        "ticket": row.ticket,
        "customer": row.customer.external_id if row.customer else None,
        "last_at": moment(row.last_at),
        "messages": row.messages,
        "is_resolved": row.is_resolved,
        "measured": measured,
        "predicted": {
            "probability": row.probability,
            "decision": row.decision,
            "reason": row.reason,
            "model": row.model_id,
            "contributions": row.contributions,
            "features": row.features,
        },
        "alert": None
        if row.alerted_at is None
        else {
            "at": moment(row.alerted_at),
            "by": row.alerted_by,
            "rules": row.rules,
            "cleared_at": moment(row.cleared_at),
            "handled_at": moment(row.handled_at),
            "handled_by": row.handled_by,
        },
    }
