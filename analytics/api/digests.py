"""Digests over the API: who gets the numbers by mail and when, and what went out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.api.reports import refusals
from analytics.digests import service
from analytics.digests.models import Digest, Issue, Window
from analytics.digests.sending import refusal
from analytics.digests.service import DigestWish
from analytics.periods import Period
from surveys.api.base import ApiViewSet, survey_in_body
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Flag, Moment, Strict, all_optional
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import ApiKey, Survey

TAG = "Digests"


class DigestOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    user = serializers.CharField(source="user.username")
    surveys = serializers.SlugRelatedField("slug", many=True, read_only=True)  # type: ignore[var-annotated]
    all_surveys = serializers.BooleanField(source="has_all")
    filters = serializers.DictField(child=serializers.CharField())
    next_at = Moment(allow_null=True, help_text="null while it is paused.")
    created_at = Moment()

    class Meta:
        model = Digest
        fields = [
            "id", "user", "rhythm", "hour", "window", "surveys", "all_surveys", "filters",
            "language", "next_at", "created_at",
        ]  # fmt: skip


class DigestFields(Strict):
    rhythm = serializers.ChoiceField(Digest.Rhythm.choices)
    hour = serializers.IntegerField(
        min_value=0, max_value=23, default=8, help_text="Of the workspace's wall clock."
    )
    window = serializers.ChoiceField(
        Window.choices, default=Window.WEEKS_13, help_text="The days the score speaks about."
    )
    surveys = serializers.ListField(
        child=serializers.CharField(max_length=100),
        default=list,
        max_length=100,
        help_text="Slugs; [] means all surveys, also later ones.",
    )
    filters = serializers.DictField(
        child=serializers.CharField(max_length=100),
        default=dict,
        help_text="segment, channel, language, theme, sentiment: as for scores.",
    )
    language = serializers.CharField(max_length=12, default="")


class DigestIn(DigestFields):
    user = serializers.CharField(
        max_length=150,
        default="",
        help_text="The user name of who gets it. A session may leave it out and means itself.",
    )


class DigestChange(DigestFields):
    """Only what is sent changes."""

    paused = Flag(help_text="true: nothing is sent until it is false again.")

    def get_fields(self) -> dict[str, Any]:
        return all_optional(super().get_fields())


class IssueOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    last = serializers.SerializerMethodField(help_text="The last day, included.")
    reason = serializers.CharField(help_text="Why it did not leave; empty when it did.")
    asked = serializers.BooleanField(source="is_asked")
    created_at = Moment()
    sent_at = Moment(allow_null=True)

    class Meta:
        model = Issue
        fields = [
            "id", "start", "last", "state", "reason", "subject", "asked", "created_at", "sent_at",
        ]  # fmt: skip

    def get_last(self, issue: Issue) -> str:
        return Period(issue.start, issue.stop).last.isoformat()


_EXAMPLE = {
    "id": 1,
    "user": "alice",
    "rhythm": "weekly",
    "hour": 8,
    "window": "13w",
    "surveys": ["product-nps"],
    "all_surveys": False,
    "filters": {"segment": "growth"},
    "language": "en",
    "next_at": "2026-11-30T07:00:00Z",
    "created_at": "2026-11-28T09:00:00Z",
}


class DigestViewSet(ApiViewSet):
    """A key sees every digest, a session its own. Mails hold what their reader may see."""

    queryset = Digest.objects.select_related("user").prefetch_related("surveys")
    model = Digest
    serializer_class = DigestOut

    def get_queryset(self) -> QuerySet[Any]:
        return _own(super().get_queryset(), self.request, path="user")

    @documented("List digests", {200: DigestOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DigestOut(rows, many=True).data)

    @documented("One digest", {200: DigestOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(DigestOut(self.get_object()).data)

    @documented(
        "Set up a digest",
        {201: DigestOut},
        tag=TAG,
        request=DigestIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[
            sent(
                "Every Monday, one segment",
                {
                    "user": "alice",
                    "rhythm": "weekly",
                    "surveys": ["product-nps"],
                    "filters": {"segment": "growth"},
                },
            ),
            said("Set up", _EXAMPLE),
        ],
    )
    def create(self, request: Request) -> Reply:
        """A mail of the numbers to one colleague, sent only when there is something to say."""
        body = self.read_body(DigestIn)
        told = once(request, lambda: Told(201, self._save(body).pk))
        found = self.get_queryset().filter(pk=told.subject_id).first()
        if found is None:
            raise Conflict(_("That digest was taken away meanwhile; ask with a new key."), "gone")
        return Reply(DigestOut(found).data, status=told.status)

    @documented(
        "Change a digest",
        {200: DigestOut},
        tag=TAG,
        request=DigestChange,
        refused=(404,),
        examples=[sent("Rest for a while", {"paused": True})],
    )
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Only what is sent changes; a paused one stays paused. It stays with its reader."""
        found, body = self.get_object(), self.read_body(DigestChange)
        if "surveys" in body:
            body["surveys"] = _surveys(body["surveys"], self.request)
        with refusals():
            service.change_digest(found, body)
        return Reply(DigestOut(self.get_object()).data)

    @documented("Take a digest away", {204: None}, tag=TAG, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        """With the copies of what was sent."""
        self.get_object().delete()
        return Reply(status=204)

    def _save(self, body: dict[str, Any]) -> Digest:
        user = _reader(body.pop("user"), self.request)
        body["surveys"] = _surveys(body["surveys"], self.request)
        with refusals():
            return service.save_digest(DigestWish(**body), user=user)


def _surveys(slugs: list[str], request: Request) -> list[Survey]:
    try:
        return [survey_in_body(slug, request) for slug in dict.fromkeys(slugs)]
    except ValidationError as error:
        raise ValidationError({"surveys": error.detail["survey"]}) from None  # type: ignore[call-overload, index]


def _own(rows: QuerySet[Any], request: Request, *, path: str) -> QuerySet[Any]:
    return rows if isinstance(request.auth, ApiKey) else rows.filter(**{path: request.user.pk})


def _reader(name: str, request: Request) -> Any:
    """Return who is to get a digest; 422 at `user` for nobody, or somebody it cannot reach."""
    is_key = isinstance(request.auth, ApiKey)
    if is_key and not name:
        raise ValidationError({"user": [_("Name the colleague who gets it: a user name.")]})
    if not is_key and name not in ("", request.user.get_username()):
        raise ValidationError({"user": [_("People set up digests for themselves only.")]})
    user = get_user_model().objects.filter(username=name).first() if is_key else request.user
    if user is None:
        raise ValidationError({"user": [_("There is no colleague of this user name.")]})
    if reason := refusal(Digest(user=user, next_at=timezone.now())):  # type: ignore[misc]
        raise ValidationError({"user": [reason]})
    return user


class IssueViewSet(ApiViewSet):
    """What came of one digest; reading is the scope for looking, writing for sending."""

    queryset = Issue.objects.defer("html")
    model = Digest
    staff_verbs = {"create": "change"}
    serializer_class = IssueOut

    def get_queryset(self) -> QuerySet[Any]:
        return _own(super().get_queryset(), self.request, path="digest__user")

    @documented("Mails of a digest", {200: IssueOut(many=True)}, tag=TAG, refused=(404,))
    def list(self, request: Request, digest: str) -> Reply:
        """Newest first, those that did not leave with the reason."""
        rows = self.filter_queryset(self.get_queryset().filter(digest=self._digest(digest)))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(IssueOut(page, many=True).data)

    @documented(
        "Send a digest now",
        {202: IssueOut},
        tag=TAG,
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        refused=(404, 409),
    )
    def create(self, request: Request, digest: str) -> Reply:
        """About the days up to today, whatever there is to say; also while it is paused."""
        found = self._digest(digest)
        if reason := refusal(found, is_asked=True):
            raise Conflict(reason, "unreachable")
        told = once(request, lambda: Told(202, service.send_now(found).pk))
        issue = self.get_queryset().filter(pk=told.subject_id).first()
        if issue is None:
            raise Conflict(_("That mail was taken away meanwhile; ask with a new key."), "gone")
        return Reply(IssueOut(issue).data, status=told.status)

    def _digest(self, pk: str) -> Digest:
        rows = _own(Digest.objects.select_related("user"), self.request, path="user")
        found = rows.filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found
