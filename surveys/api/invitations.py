"""Invitations: ask somebody, see how it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys import asking, reasons
from surveys.api.base import ApiViewSet, limit_of, survey_in_body, survey_named
from surveys.api.bulk import BulkOut, Outcome, checked, outcome, summary
from surveys.api.contacts import person_of
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Address, Flag, LanguageCode, Line, Moment, Properties, Strict, Whole
from surveys.api.filtering import EmailFilter, SinceFilter, UntilFilter, YesNo
from surveys.api.invitation_files import CsvOnly, CsvParser, rows_of
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import Contact, Invitation, Survey
from surveys.roster import Person
from surveys.services import NotLive, link_of

TAG = "Invitations"
LONGEST_WAIT = 366 * 86_400  # seconds
# What may have moved on when a repeated call is answered: it is told what the first one was.
_MOVING = ("state", "reason", "explanation", "sent_at", "opened_at", "answered_at")


class PersonOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Contact
        fields = ["id", "email", "name"]


class InvitationOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    survey = serializers.CharField(source="survey.slug")
    contact = PersonOut(allow_null=True)
    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    reason = serializers.SerializerMethodField(
        help_text="Why it was skipped, failed or cancelled: a word for programs, often empty."
    )
    explanation = serializers.SerializerMethodField(help_text="The same in words.")
    properties = Properties()
    created_at = Moment()
    send_at = Moment(allow_null=True)
    sent_at = Moment(allow_null=True)
    opened_at = Moment(allow_null=True)
    answered_at = Moment(allow_null=True)
    expires_at = Moment()

    class Meta:
        model = Invitation
        fields = [
            "id", "survey", "contact", "campaign", "channel", "state", "reason", "explanation",
            "properties", "created_at", "send_at", "sent_at", "opened_at", "answered_at",
            "expires_at",
        ]  # fmt: skip

    def get_reason(self, invitation: Invitation) -> str:
        return invitation.reason.partition(":")[0]

    def get_explanation(self, invitation: Invitation) -> str:
        return reasons.words(invitation.reason) if invitation.reason else ""


class InvitationMade(InvitationOut):
    link = serializers.CharField(
        required=False, help_text="Opens the survey for this person; only with `send: false`."
    )

    class Meta(InvitationOut.Meta):
        fields = [*InvitationOut.Meta.fields, "link"]


class InvitationIn(Strict):
    survey = Line(max_length=60, help_text="Its slug.")
    email = Address(required=False)
    contact = Whole(required=False, min_value=1, max_value=2**53, help_text="Instead of `email`.")
    name = Line(max_length=200, required=False)
    customer = Line(max_length=120, required=False)
    language = LanguageCode(required=False)
    properties = Properties(required=False)
    delay_seconds = Whole(required=False, min_value=0, max_value=LONGEST_WAIT)
    send_at = Moment(required=False)
    send = Flag(default=True, help_text="false: no mail, the answer holds the link.")

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        if ("email" in body) == ("contact" in body):
            raise ValidationError({"email": [_("Send either an e-mail address or a contact.")]})
        if "contact" in body and (more := {"name", "customer", "language"} & set(body)):
            message = _("Goes with `email` only; change a contact at its own address.")
            raise ValidationError({sorted(more)[0]: [message]})
        if "send_at" in body and "delay_seconds" in body:
            raise ValidationError({"send_at": [_("Send either a time or a delay.")]})
        if not body["send"] and {"send_at", "delay_seconds"} & set(body):
            raise ValidationError({"send": [_("Without a mail there is nothing to delay.")]})
        if "send_at" in body and body["send_at"] > timezone.now() + timedelta(seconds=LONGEST_WAIT):
            raise ValidationError({"send_at": [_("This is more than a year ahead.")]})
        return body


class InvitationFilters(filters.FilterSet):
    survey = filters.CharFilter(field_name="survey__slug", help_text="A survey's slug.")
    state = filters.ChoiceFilter(choices=Invitation.State.choices)
    channel = filters.ChoiceFilter(choices=Invitation.Channel.choices)
    email = EmailFilter(field_name="contact__email", help_text="Exactly this address.")
    answered = YesNo(field_name="answered_at", lookup_expr="isnull", exclude=True)
    since = SinceFilter(field_name="created_at", help_text="Made at or after this.")
    until = UntilFilter(field_name="created_at", help_text="Made before this instant or day's end.")

    class Meta:
        model = Invitation
        fields: list[str] = []


_EXAMPLE = {
    "id": 512,
    "survey": "product-nps",
    "contact": {"id": 41, "email": "ada@example.com", "name": "Ada Byron"},
    "campaign": None,
    "channel": "email",
    "state": "waiting",
    "reason": "",
    "explanation": "",
    "properties": {"plan": "Growth", "order": "A-1207"},
    "created_at": "2026-11-22T09:00:00Z",
    "send_at": "2026-11-24T09:00:00Z",
    "sent_at": None,
    "opened_at": None,
    "answered_at": None,
    "expires_at": "2027-01-23T09:00:00Z",
}


def _outcome(index: int, invitation: Invitation) -> Outcome:
    reason = reasons.words(invitation.reason) if invitation.reason else ""
    why = {"non_field_errors": [reason]} if reason else {}
    return outcome(index, invitation.state, invitation.pk, errors=why)


class InvitationViewSet(ApiViewSet):
    queryset = Invitation.objects.select_related("survey", "contact")
    model = Invitation
    survey_path = "survey_id"
    scope_write = "invite"
    staff_verbs = {"cancel": "change"}
    serializer_class = InvitationOut
    filterset_class = InvitationFilters

    @documented("List invitations", {200: InvitationOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first. States: `waiting` and `handed` (being sent), `sent`, `doubtful` (a crash
        fell between sending and noting it: never sent again), `failed`, `bounced`, `skipped`,
        `cancelled`, and `open` where no mail is involved."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(InvitationOut(rows, many=True).data)

    @documented("One invitation", {200: InvitationOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(InvitationOut(self.get_object()).data)

    @documented(
        "Ask somebody",
        {201: InvitationMade},
        tag=TAG,
        request=InvitationIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[
            sent(
                "Two days after an order",
                {
                    "survey": "product-nps",
                    "email": "ada@example.com",
                    "name": "Ada Byron",
                    "properties": {"order": "A-1207"},
                    "delay_seconds": 172_800,
                },
            ),
            sent(
                "Only a link, to send by text message",
                {"survey": "product-nps", "email": "ada@example.com", "send": False},
            ),
            said("Waiting", _EXAMPLE, status_codes=["201"]),
            said(
                "Skipped",
                {
                    **_EXAMPLE,
                    "state": "skipped",
                    "reason": "rest",
                    "explanation": "asked by this survey on 10 November 2026",
                    "send_at": None,
                },
                status_codes=["201"],
            ),
            said(
                "Link",
                {
                    **_EXAMPLE,
                    "channel": "link",
                    "state": "open",
                    "send_at": None,
                    "link": "https://ask.example.com/s/aQ3mZ0hKq9Xw2VbT7LrYc1e",
                },
                status_codes=["201"],
            ),
        ],
    )
    def create(self, request: Request) -> Reply:
        """The person becomes a contact (or an existing one is updated) and gets one mail, at once
        or later. Nobody is written to who unsubscribed, bounced or was asked by this survey within
        its rest days: the answer is then an invitation with the state `skipped` and the
        `reason`, and nothing is sent. `properties` are kept with this invitation and its answer."""
        body = self.read_body(InvitationIn)
        survey = survey_in_body(body["survey"], request)

        def act() -> Told:
            invitation = self._ask(survey, body)
            shown = InvitationOut(invitation).data
            return Told(201, invitation.pk, {name: shown[name] for name in _MOVING})

        told = once(request, act)
        invitation = self.get_queryset().get(pk=told.subject_id)
        answer = {**InvitationOut(invitation).data, **told.said}
        if not body["send"]:
            answer["link"] = link_of(invitation)
        return Reply(answer, status=told.status)

    @documented(
        "Ask many people by CSV",
        {200: BulkOut},
        tag=TAG,
        request={"text/csv": {"type": "string", "format": "binary"}},
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter("survey", str, required=True, description="A survey's slug."),
        ],
        refused=(404, 409, 413),
    )
    @action(
        detail=False, methods=["post"], parser_classes=[CsvParser],
        content_negotiation_class=CsvOnly, query_parameters=("survey",),
    )  # fmt: skip
    def csv(self, request: Request) -> Reply:
        """Up to 1,000 rows of UTF-8, the first with the headings: `email` and, as far as needed,
        `name`, `customer`, `language`, `delay_seconds`, `send_at`; every other column is a
        property. Each row is what a single call would be. Outcomes: `waiting` (will be asked),
        `skipped` (not asked, its `errors` say why) and `refused`."""
        slug = request.query_params.get("survey", "")
        survey = survey_named(slug, request)
        good, outcomes = checked(rows_of(request.data, slug), InvitationIn)

        def act() -> Told:
            rows = {index: self._ask(survey, body) for index, body in good.items()}
            made = {index: _outcome(index, row) for index, row in rows.items()}
            return Told(200, said=summary(outcomes | made))

        return Reply(once(request, act).said)

    @documented("Cancel a waiting invitation", {200: InvitationOut}, tag=TAG, refused=(404, 409),
                request=None)  # fmt: skip
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Reply:
        """Its mail is not sent. 409 when it has left already."""
        invitation = self.get_object()
        if not asking.cancel(invitation):
            message = _("This invitation is %(state)s: only waiting ones can be cancelled.")
            facts = {"state": invitation.get_state_display()}
            raise Conflict(message % facts, code="not_waiting")
        return Reply(InvitationOut(self.get_queryset().get(pk=invitation.pk)).data)

    def _ask(self, survey: Survey, body: Mapping[str, Any]) -> Invitation:
        delay = timedelta(seconds=body.get("delay_seconds", 0))
        try:
            return asking.ask(
                survey,
                self._who(survey, body),
                properties=body.get("properties"),
                send_at=body.get("send_at") or (timezone.now() + delay if delay else None),
                is_mailed=body["send"],
            )
        except NotLive:
            message = _("The survey '%(slug)s' takes no answers: it is %(status)s.")
            facts = {"slug": survey.slug, "status": survey.get_status_display()}
            raise Conflict(message % facts, code="survey_not_live") from None

    def _who(self, survey: Survey, body: Mapping[str, Any]) -> Person | Contact:
        if "email" in body:
            return person_of({**body, "properties": {}})
        contact = self._contacts(survey).filter(pk=body["contact"]).first()
        if contact is None:
            message = _("There is no contact %(id)s this key may see.")
            raise ValidationError({"contact": [message % {"id": body["contact"]}]})
        return contact

    def _contacts(self, survey: Survey) -> QuerySet[Contact]:
        """A key of one survey knows only the people of that survey."""
        if limit_of(self.request) is None:
            return Contact.objects.all()
        return Contact.objects.filter(invitations__survey=survey).distinct()
