"""Campaigns: ask an audience once or in waves, see where everybody is, pause, resume, cancel."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import django_filters as filters
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys import campaigns
from surveys.api.base import ApiViewSet, limit_of, survey_in_body
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Address, Flag, Line, Moment, Strict, Whole
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.audience import Audience, Source, plan
from surveys.models import ApiKey, Campaign, Segment, Survey, Upload
from surveys.roster import Person
from surveys.services import NotLive
from surveys.standing import Place, standing
from surveys.timing import MOST_DAYS, Timing, flaws

TAG = "Campaigns"
MOST_NAMED = 200  # addresses a body of the usual size can hold


class CampaignOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    survey = serializers.CharField(source="survey.slug")
    means = serializers.SerializerMethodField(
        help_text="Whom: `everyone`, `segment`, `upload` or `addresses`."
    )
    segment = serializers.CharField(source="segment.slug", allow_null=True, default=None)
    upload = serializers.IntegerField(source="upload_id", allow_null=True)
    audience = serializers.IntegerField(source="audience_size", help_text="People meant.")
    weekday_mornings = serializers.BooleanField(source="is_morning")
    wave_of = serializers.IntegerField(source="wave_of_id", allow_null=True)
    is_paused = serializers.SerializerMethodField()
    created_at = Moment()
    starts_at = Moment(allow_null=True)
    cancelled_at = Moment(allow_null=True)

    class Meta:
        model = Campaign
        fields = [
            "id", "name", "survey", "means", "segment", "upload", "audience", "starts_at",
            "spread_days", "weekday_mornings", "every_days", "reminder_days", "wave_of", "wave",
            "is_paused", "cancelled_at", "created_at",
        ]  # fmt: skip

    def get_means(self, campaign: Campaign) -> str:
        return str(campaign.audience.get("source", ""))

    def get_is_paused(self, campaign: Campaign) -> bool:
        return campaigns.is_paused(campaign)


class CampaignWhole(CampaignOut):
    states = serializers.SerializerMethodField(
        help_text="People by where they are; together with `unprepared` exactly the `audience`."
    )
    unprepared = serializers.SerializerMethodField(help_text="People not written down yet.")
    waves = serializers.SerializerMethodField(help_text="Ids of its waves, the newest first.")

    class Meta(CampaignOut.Meta):
        fields = [*CampaignOut.Meta.fields, "states", "unprepared", "waves"]

    def to_representation(self, campaign: Campaign) -> Any:
        self.standing = standing(campaign)
        return super().to_representation(campaign)

    def get_states(self, campaign: Campaign) -> dict[str, int]:
        return {place.value: self.standing.places[place] for place in Place}

    def get_unprepared(self, campaign: Campaign) -> int:
        return self.standing.unprepared

    def get_waves(self, campaign: Campaign) -> list[int]:
        return list(campaign.waves.order_by("-wave").values_list("pk", flat=True)[:100])


class CampaignIn(Strict):
    survey = Line(max_length=60, help_text="Its slug; it has to be live.")
    name = Line(max_length=100)
    segment = Line(max_length=60, required=False, help_text="A segment's slug.")
    upload = Whole(required=False, min_value=1, max_value=2**53, help_text="A contact file's id.")
    emails = serializers.ListField(
        child=Address(), required=False, max_length=MOST_NAMED, help_text="For more: a segment."
    )
    everyone = Flag(default=False, help_text="true: every contact.")
    starts_at = Moment(required=False, help_text="Left out: now.")
    spread_days = Whole(default=0, min_value=0, max_value=MOST_DAYS)
    weekday_mornings = Flag(
        default=False,
        help_text="Between 9 and 12 where the person is: the contact's property `time_zone`.",
    )
    every_days = Whole(default=0, min_value=0, max_value=MOST_DAYS, help_text="0: once.")
    reminder_days = serializers.ListField(
        child=Whole(min_value=1, max_value=MOST_DAYS), default=list, max_length=10
    )

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        named = [name for name in ("segment", "upload", "emails") if name in body]
        if len(named) + body["everyone"] != 1:
            message = _("Say whom: exactly one of segment, upload, emails and everyone.")
            raise ValidationError({"segment": [message]})
        return body


class CampaignFilters(filters.FilterSet):
    survey = filters.CharFilter(field_name="survey__slug", help_text="A survey's slug.")
    wave_of = filters.NumberFilter(field_name="wave_of_id", help_text="Waves of this campaign.")

    class Meta:
        model = Campaign
        fields: list[str] = []


_SENT = {
    "survey": "product-nps",
    "name": "Growth plan, every quarter",
    "segment": "growth",
    "every_days": 90,
    "weekday_mornings": True,
    "reminder_days": [3, 7],
}
_SAID = {
    "id": 7, "name": "November", "survey": "product-nps", "means": "segment", "segment": "growth",
    "upload": None, "audience": 412, "starts_at": None, "spread_days": 0,
    "weekday_mornings": False, "every_days": 0, "reminder_days": [3, 7], "wave_of": None,
    "wave": 1, "is_paused": False, "cancelled_at": None, "created_at": "2026-11-22T09:00:00Z",
    "states": {
        "answered": 81, "opened": 40, "sent": 260, "handed": 0, "claimed": 0, "waiting": 9,
        "later": 4, "doubtful": 0, "failed": 0, "bounced": 3, "suppressed": 11, "skipped": 4,
        "cancelled": 0,
    },
    "unprepared": 0, "waves": [],
}  # fmt: skip


class CampaignViewSet(ApiViewSet):
    queryset = Campaign.objects.select_related("survey", "segment")
    model = Campaign
    survey_path = "survey_id"
    scope_write = "invite"
    staff_verbs = {"cancel": "change", "pause": "change", "resume": "change"}
    serializer_class = CampaignWhole
    filterset_class = CampaignFilters

    @documented("List campaigns", {200: CampaignOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first. A campaign that recurs (`every_days`) holds nobody itself: each of its
        waves is a campaign of its own, with `wave_of`."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CampaignOut(rows, many=True).data)

    @documented("One campaign, and where everybody is", {200: CampaignWhole}, tag=TAG,
                refused=(404,), examples=[said("One", _SAID)])  # fmt: skip
    def retrieve(self, request: Request, pk: str) -> Reply:
        """`states` holds each person exactly once. `later`: its time lies ahead, or the person
        rests after another ask; `doubtful`: a crash fell between sending and noting it."""
        return Reply(CampaignWhole(self.get_object()).data)

    @documented(
        "Ask an audience",
        {201: CampaignWhole},
        tag=TAG,
        request=CampaignIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[sent("In waves, with reminders", _SENT), said("Made", _SAID,
                  status_codes=["201"])],
    )  # fmt: skip
    def create(self, request: Request) -> Reply:
        """Everybody meant is accounted for: mailed, waiting, or left out with a reason. With
        `every_days` each person is asked again and again, never sooner than that."""
        body = self.read_body(CampaignIn)
        survey = survey_in_body(body["survey"], request)
        audience = self._audience(body)
        timing = Timing(
            starts_at=body.get("starts_at"),
            spread_days=body["spread_days"],
            is_morning=body["weekday_mornings"],
            every_days=body["every_days"],
            reminder_days=tuple(body["reminder_days"]),
        )
        if found := flaws(timing, survey, audience.source):
            raise ValidationError({name: [message] for name, message in found.items()})

        def act() -> Told:
            campaign = self._launch(survey, audience, timing, body["name"])
            return Told(201, campaign.pk, {})

        told = once(request, act)
        campaign = self.get_queryset().get(pk=told.subject_id)
        return Reply(CampaignWhole(campaign).data, status=told.status)

    @documented("Pause a campaign", {200: CampaignWhole}, tag=TAG, refused=(404, 409),
                request=None)  # fmt: skip
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Reply:
        """No mail leaves and no wave opens until it is resumed."""
        campaign = self._running()
        campaigns.pause(campaign, by=self._by())
        return Reply(CampaignWhole(campaign).data)

    @documented("Resume a campaign", {200: CampaignWhole}, tag=TAG, refused=(404, 409),
                request=None)  # fmt: skip
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Reply:
        """Mails whose time came meanwhile leave at once, or on the next morning."""
        campaign = self._running()
        campaigns.resume(campaign, by=self._by())
        return Reply(CampaignWhole(campaign).data)

    @documented("Cancel a campaign", {200: CampaignWhole}, tag=TAG, refused=(404, 409),
                request=None)  # fmt: skip
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Reply:
        """What waits is not sent and no wave opens any more. What has left stays."""
        campaigns.cancel(self._running())
        return Reply(CampaignWhole(self.get_object()).data)

    def _running(self) -> Campaign:
        campaign: Campaign = self.get_object()
        if campaign.cancelled_at:
            raise Conflict(_("This campaign was cancelled before."), code="already_cancelled")
        return campaign

    def _launch(self, survey: Survey, audience: Audience, timing: Timing, name: str) -> Campaign:
        by = None if isinstance(self.request.auth, ApiKey) else self.request.user
        size = plan(survey, audience).size
        try:
            return campaigns.launch(
                survey, audience, name=name, token=uuid4(), by=by, size=size, timing=timing
            )
        except NotLive:
            message = _("The survey '%(slug)s' takes no answers: it is %(status)s.")
            facts = {"slug": survey.slug, "status": survey.get_status_display()}
            raise Conflict(message % facts, code="survey_not_live") from None

    def _audience(self, body: dict[str, Any]) -> Audience:
        if limit_of(self.request) is not None and "emails" not in body:
            message = _("A key of one survey may ask only people it names: send emails.")
            raise ValidationError({"emails": [message]})
        if "emails" in body:
            people = {email: Person(0, email) for email in body["emails"]}
            return Audience(Source.ADDRESSES, people=tuple(people.values()))
        if "segment" in body:
            segment = Segment.objects.filter(slug=body["segment"]).first()
            if segment is None:
                message = _("There is no segment '%(slug)s'.") % {"slug": body["segment"]}
                raise ValidationError({"segment": [message]})
            return Audience(Source.SEGMENT, segment.pk)
        if "upload" in body:
            if not Upload.objects.filter(pk=body["upload"]).exists():
                message = _("There is no contact file %(id)s.") % {"id": body["upload"]}
                raise ValidationError({"upload": [message]})
            return Audience(Source.UPLOAD, body["upload"])
        return Audience(Source.EVERYONE)

    def _by(self) -> str:
        auth = self.request.auth
        return f"API key {auth.name}"[:150] if isinstance(auth, ApiKey) else str(self.request.user)
