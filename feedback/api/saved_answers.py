"""Saved answers over the API, and what they suggest for one response."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_filters as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from feedback import saved_answers
from feedback.models import SavedAnswer
from feedback.replies import NOTHING
from feedback.saved_answers import Draft
from outbox.transactions import write
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented, sent
from surveys.api.fields import Flag, LanguageCode, Line, Moment, Strict, Words, all_optional
from surveys.api.filtering import YesNo
from surveys.models import ApiKey

TAG = "Saved answers"
REASONS = tuple(NOTHING)
SENTIMENTS = tuple(SavedAnswer.Sentiment.values)
_EXAMPLE = {
    "title": "Sorry about a slow reply",
    "text": "Dear {name},\n\nthank you for being frank. {agent}, {company}",
    "language": "en",
    "themes": ["support"],
    "sentiment": "negative",
    "tone": "",
}


class SavedAnswerIn(Strict):
    title = Line(max_length=120)
    text = Words(
        max_length=SavedAnswer.LONGEST,
        help_text="Gaps: {name}, {customer}, {company}, {agent}, {survey}, {score}.",
    )
    language = LanguageCode()
    themes = serializers.ListField(
        child=Line(max_length=60),
        max_length=100,
        required=False,
        help_text="Slugs. It is for what names any of them; empty: for any theme.",
    )
    sentiment = serializers.ChoiceField(
        SENTIMENTS,
        required=False,
        allow_blank=True,
        help_text="How the theme is spoken of; without themes, how the whole reads.",
    )
    tone = serializers.ChoiceField(
        SavedAnswer.Tone.values,
        required=False,
        allow_blank=True,
        help_text="What the score's band means: positive is a promoter, satisfied, easy.",
    )


class SavedAnswerChange(SavedAnswerIn):
    """Only what is sent changes. `is_active` false retires it: it is suggested no more."""

    is_active = Flag()

    def get_fields(self) -> dict[str, Any]:
        return all_optional(super().get_fields())


class SavedAnswerOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    themes = serializers.SerializerMethodField()
    sentiment = serializers.CharField(allow_blank=True)
    tone = serializers.CharField(allow_blank=True)
    used_at = Moment(allow_null=True)
    created_at = Moment()
    changed_at = Moment()

    class Meta:
        model = SavedAnswer
        fields = [
            "id", "title", "text", "language", "themes", "sentiment", "tone", "is_active", "used",
            "used_at", "created_by", "created_at", "changed_by", "changed_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_themes(self, answer: SavedAnswer) -> list[str]:
        return sorted(theme.slug for theme in answer.themes.all())


class SuggestedReply(serializers.Serializer):  # type: ignore[type-arg]
    saved_answer = serializers.IntegerField(source="pk", help_text="Id of its source.")
    title = serializers.CharField()
    changed_by = serializers.CharField(source="author")
    changed_at = Moment()
    language = serializers.CharField()
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Why it fits, in words, strongest first."
    )
    text = serializers.CharField(help_text="A draft, gaps filled; one nobody knows is [name?].")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Gaps that could not be filled."
    )


class SuggestedReplies(serializers.Serializer):  # type: ignore[type-arg]
    suggestions = SuggestedReply(many=True, source="drafts", help_text="At most 3, best first.")
    reason = serializers.ChoiceField(
        REASONS,
        source="code",
        allow_blank=True,
        help_text="Why there is none; empty when there is one.",
    )
    message = serializers.CharField(source="why_none", allow_blank=True)


class SavedAnswerFilters(filters.FilterSet):
    language = filters.CharFilter(help_text="Exactly this language code.")
    theme = filters.CharFilter(field_name="themes__slug", help_text="A theme's slug.")
    is_active = YesNo(help_text="False: those that are retired.")

    class Meta:
        model = SavedAnswer
        fields: list[str] = []


class SavedAnswerViewSet(ApiViewSet):
    queryset = SavedAnswer.objects.prefetch_related("themes")
    model = SavedAnswer
    serializer_class = SavedAnswerOut
    filterset_class = SavedAnswerFilters

    @documented("List saved answers", {200: SavedAnswerOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first, retired ones included."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(SavedAnswerOut(rows, many=True).data)

    @documented("One saved answer", {200: SavedAnswerOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(SavedAnswerOut(self.get_object()).data)

    @documented(
        "Save an answer",
        {201: SavedAnswerOut},
        tag=TAG,
        request=SavedAnswerIn,
        examples=[sent("For complaints about support", _EXAMPLE)],
    )
    def create(self, request: Request) -> Reply:
        """It is suggested where all that it is for is so; it must be for something."""
        body = self.read_body(SavedAnswerIn)
        with _refusals():
            made = saved_answers.save(Draft(**body), by=_by(request))
        return self._shown(made.pk, status=201)

    @documented(
        "Change or retire a saved answer",
        {200: SavedAnswerOut},
        tag=TAG,
        refused=(404,),
        request=SavedAnswerChange,
    )
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Only what is sent changes."""
        found = self.get_object()
        body = self.read_body(SavedAnswerChange)
        is_active = body.pop("is_active", None)
        now = saved_answers.draft_of(found)
        kept = {name: getattr(now, name) for name in Draft.__slots__}
        with write(), _refusals():
            if body:
                saved_answers.save(Draft(**{**kept, **body}), by=_by(request), answer=found)
            if is_active is not None:
                saved_answers.switch(found, is_active=is_active)
        return self._shown(found.pk)

    @documented("Delete a saved answer", {204: None}, tag=TAG, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        """What was copied from it stays where it was sent. To keep it on record retire it."""
        self.get_object().delete()
        return Reply(status=204)

    def _shown(self, pk: int, *, status: int = 200) -> Reply:
        return Reply(SavedAnswerOut(self.get_queryset().get(pk=pk)).data, status=status)


def _by(request: Request) -> str:
    auth = request.auth
    return f"API key {auth.name}" if isinstance(auth, ApiKey) else str(request.user)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what makes no sense into 422, each reason at its field."""
    try:
        yield
    except saved_answers.Refused as error:
        raise ValidationError(error.reasons) from None
