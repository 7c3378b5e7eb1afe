"""The last thirty minutes over the API: what the live page shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.success.api import WorkspaceView
from analytics.success.live_reports import KINDS, BadWish, Happening, Live, Share, Wish, live
from analytics.success.models import UsageEvent
from surveys.api.docs import documented
from surveys.api.errors import BadQuery
from surveys.api.fields import Moment
from surveys.api.filtering import check_query

TAG = "Metrics"
_ASKED = ("customer", "feature", "kind", "segment")


class PresenceOut(serializers.Serializer):  # type: ignore[type-arg]
    users = serializers.IntegerField()
    customers = serializers.IntegerField()


class MinuteOut(serializers.Serializer):  # type: ignore[type-arg]
    at = Moment(help_text="The minute’s first second.")
    uses = serializers.IntegerField()
    rage_clicks = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]


class LiveFeatureOut(serializers.Serializer):  # type: ignore[type-arg]
    feature = serializers.CharField()
    users = serializers.IntegerField()
    events = serializers.IntegerField()
    troubles = serializers.IntegerField(help_text="Rage clicks and errors among the events.")


class LiveCustomerOut(serializers.Serializer):  # type: ignore[type-arg]
    customer = serializers.CharField(help_text="Its external id.")
    name = serializers.CharField(allow_blank=True)
    users = serializers.IntegerField()
    events = serializers.IntegerField()
    troubles = serializers.IntegerField()


class HappeningOut(serializers.Serializer):  # type: ignore[type-arg]
    at = Moment()
    user = serializers.CharField()
    customer = serializers.CharField(allow_null=True, help_text="Its external id.")
    kind = serializers.CharField(help_text="use, rage-click or error.")
    name = serializers.CharField()
    feature = serializers.CharField(allow_blank=True)
    page = serializers.CharField(allow_blank=True)


class LiveOut(serializers.Serializer):  # type: ignore[type-arg]
    at = Moment()
    since = Moment(help_text="Thirty minutes of the clock, the running one included.")
    now = PresenceOut(help_text="With a sign of life in the last five minutes.")
    window = PresenceOut(help_text="With a sign of life since `since`.")
    total = serializers.IntegerField(help_text="Events since then; signs of life are none.")
    minutes = MinuteOut(many=True)
    features = LiveFeatureOut(many=True, help_text="At most ten, those of most people first.")
    customers = LiveCustomerOut(many=True, help_text="At most ten, those of most people first.")
    events = HappeningOut(many=True, help_text="The newest first, at most 100.")


class LiveView(WorkspaceView):
    model: type[Model] = UsageEvent

    @documented(
        "The last thirty minutes",
        {200: LiveOut},
        tag=TAG,
        parameters=[
            OpenApiParameter("customer", str, description="Only this one, by its external id."),
            OpenApiParameter("feature", str, description="Only events of this feature."),
            OpenApiParameter("kind", str, enum=KINDS),
            OpenApiParameter("segment", str, description="Only customers of this segment."),
        ],
    )
    def get(self, request: Request) -> Reply:
        """Who is there, what they do and where they struggle, as the live page shows it."""
        check_query(request, _ASKED)
        asked = request.query_params
        wish = Wish(*(asked.get(name, "") for name in _ASKED[:3]))
        try:
            return Reply(_told(live(wish, segment=asked.get("segment", ""))))
        except BadWish as bad:
            known = {
                "kind": _("Send one of %(known)s.") % {"known": ", ".join(KINDS)},
                "customer": _("There is no customer of this external id."),
            }
            raise BadQuery({bad.field: [known[bad.field]]}) from None
        except LookupError as error:
            raise BadQuery({"segment": [str(error)]}) from None


def _told(found: Live) -> dict[str, Any]:
    return {
        "at": found.at,
        "since": found.since,
        "now": asdict(found.now),
        "window": asdict(found.window),
        "total": found.total,
        "minutes": [asdict(minute) for minute in found.minutes],
        "features": [{"feature": share.name, **_counts(share)} for share in found.features],
        "customers": [
            {"customer": share.name, "name": share.label, **_counts(share)}
            for share in found.customers
        ],
        "events": [_happened(event) for event in found.events],
    }


def _counts(share: Share) -> dict[str, int]:
    return {"users": share.users, "events": share.events, "troubles": share.troubles}


def _happened(event: Happening) -> dict[str, Any]:
    return asdict(event) | {"customer": event.customer[1] if event.customer else None}
