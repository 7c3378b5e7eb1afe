"""Surveys: what we ask. Read, write, go live, close."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys import authoring, services
from surveys.api.base import ApiViewSet, limit_of
from surveys.api.docs import documented, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Code, Line, Moment, Strict, Whole
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import BandText, Question, Survey
from surveys.models.survey import LANGUAGE_CHOICES, TOUCHPOINT_LONGEST
from surveys.scales import kind_choices

TAG = "Surveys"
_NPS = {
    "slug": "product-nps",
    "name": "Product NPS",
    "kind": "nps",
    "status": "live",
    "brand": "Kestrel",
    "language": "en",
    "product_name": "Kestrel Books",
}


class ScaleBand(serializers.Serializer):  # type: ignore[type-arg]
    slug = serializers.CharField()
    name = serializers.CharField()
    scores = serializers.ListField(child=serializers.IntegerField())


class ScaleOut(serializers.Serializer):  # type: ignore[type-arg]
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    method = serializers.ChoiceField(["nps", "share", "mean"])
    bands = ScaleBand(many=True)


class ChoiceOut(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.IntegerField()
    text = serializers.CharField()
    is_retired = serializers.BooleanField()


class QuestionOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    choices = ChoiceOut(many=True)
    bands = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Question
        fields = [
            "id", "kind", "text", "scale_low", "scale_high", "low_label", "high_label", "bands",
            "is_retired", "choices",
        ]  # fmt: skip


class BandTextOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = BandText
        fields = ["band", "comment_prompt", "thanks", "link_text", "link_url"]


class WordingOut(serializers.Serializer):  # type: ignore[type-arg]
    number = serializers.IntegerField(help_text="Counts up with each change of words.")
    created_at = Moment()
    content = serializers.DictField(help_text="Everything people read, gaps filled.")


class SurveySummary(serializers.ModelSerializer):  # type: ignore[type-arg]
    brand = serializers.CharField(source="brand.name")
    scale = serializers.SerializerMethodField()
    closes_at = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment()

    class Meta:
        model = Survey
        fields = [
            "slug", "name", "kind", "status", "brand", "language", "product_name", "scale",
            "touchpoint", "rest_days", "link_days", "closes_at", "created_at", "updated_at",
        ]  # fmt: skip

    @extend_schema_field(ScaleOut)
    def get_scale(self, survey: Survey) -> dict[str, Any]:
        scale = survey.scale
        bands = [
            {"slug": band.slug, "name": str(band.name), "scores": list(band.scores)}
            for band in scale.bands
        ]
        return {"low": scale.low, "high": scale.high, "method": scale.method, "bands": bands}


class SurveyDetail(SurveySummary):
    questions = QuestionOut(many=True)
    band_texts = BandTextOut(many=True)
    wording = WordingOut(allow_null=True, help_text="What new answers see; null for a draft.")

    class Meta(SurveySummary.Meta):
        fields = [
            *SurveySummary.Meta.fields,
            "question", "low_label", "high_label", "comment_prompt", "thanks", "mail_subject",
            "mail_intro", "reader_note", "questions", "band_texts", "wording",
        ]  # fmt: skip


class ChoiceIn(Strict):
    id = Whole(required=False, min_value=1, max_value=2**53)
    text = Line(max_length=200)


class QuestionIn(Strict):
    id = Whole(required=False, min_value=1, max_value=2**53)
    kind = serializers.ChoiceField(Question.Kind.choices)
    text = Line(max_length=300)
    scale_low = Whole(default=1, min_value=-100, max_value=100)
    scale_high = Whole(default=5, min_value=-100, max_value=100)
    low_label = Line(max_length=80, default="", allow_blank=True)
    high_label = Line(max_length=80, default="", allow_blank=True)
    bands = serializers.ListField(child=Line(max_length=24), default=list, max_length=5)
    # `many=True` takes a `max_length`, which the stubs do not know; so too below.
    choices = ChoiceIn(many=True, default=list, max_length=50)  # type: ignore[call-arg]


class BandTextIn(Strict):
    band = Line(max_length=24)
    comment_prompt = Line(max_length=200, default="", allow_blank=True)
    thanks = Line(max_length=300, default="", allow_blank=True)
    link_text = Line(max_length=80, default="", allow_blank=True)
    link_url = serializers.URLField(max_length=200, default="", allow_blank=True)


class SurveyChange(Strict):
    name = Line(max_length=120, required=False)
    brand = Line(max_length=80, required=False, help_text="Its name; a new one is made.")
    language = serializers.ChoiceField(LANGUAGE_CHOICES, required=False)
    product_name = Line(max_length=80, required=False, allow_blank=True)
    question = Line(max_length=300, required=False, allow_blank=True)
    low_label = Line(max_length=80, required=False, allow_blank=True)
    high_label = Line(max_length=80, required=False, allow_blank=True)
    comment_prompt = Line(max_length=200, required=False, allow_blank=True)
    thanks = Line(max_length=300, required=False, allow_blank=True)
    mail_subject = Line(max_length=120, required=False, allow_blank=True)
    mail_intro = Line(max_length=300, required=False, allow_blank=True)
    reader_note = Line(max_length=200, required=False, allow_blank=True)
    touchpoint = Line(
        max_length=TOUCHPOINT_LONGEST,
        required=False,
        allow_blank=True,
        help_text="Where in their journey people are asked. New answers keep it.",
    )
    rest_days = Whole(required=False, min_value=0, max_value=3650)
    link_days = Whole(required=False, min_value=1, max_value=3650)
    closes_at = Moment(required=False, allow_null=True)
    questions = QuestionIn(  # type: ignore[call-arg]
        many=True, required=False, max_length=Question.MOST
    )
    band_texts = BandTextIn(many=True, required=False, max_length=5)  # type: ignore[call-arg]


class SurveyIn(SurveyChange):
    name = Line(max_length=120)
    slug = Code(
        r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
        form=gettext_lazy("Send lower-case letters, digits and single hyphens, like product-nps."),
        max_length=60,
    )
    kind = serializers.ChoiceField(kind_choices())


class SurveyFilters(filters.FilterSet):
    status = filters.ChoiceFilter(choices=Survey.Status.choices)
    kind = filters.ChoiceFilter(choices=kind_choices())

    class Meta:
        model = Survey
        fields: list[str] = []


class SurveyViewSet(ApiViewSet):
    queryset = Survey.objects.select_related("brand")
    model = Survey
    survey_path = "pk"
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    filterset_class = SurveyFilters
    serializer_class = SurveyDetail
    staff_verbs = {"go_live": "change", "close": "change"}

    def get_queryset(self) -> Any:
        surveys = super().get_queryset()
        if self.action == "list":
            return surveys
        questions = Question.objects.prefetch_related("choices")
        return surveys.select_related("wording").prefetch_related(
            "band_texts", Prefetch("questions", questions)
        )

    @documented("List surveys", {200: SurveySummary(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(SurveySummary(rows, many=True).data)

    @documented("One survey with its words", {200: SurveyDetail}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, slug: str) -> Reply:
        """`question` and the other texts are what staff wrote (empty: the kind's own words);
        `wording.content` is what people read, in the survey's language, with every gap filled."""
        return Reply(SurveyDetail(self.get_object()).data)

    @documented(
        "Make a survey",
        {201: SurveyDetail},
        tag=TAG,
        refused=(409,),
        request=SurveyIn,
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            sent(
                "NPS with one more question",
                {
                    "slug": "product-nps",
                    "name": "Product NPS",
                    "kind": "nps",
                    "brand": "Kestrel",
                    "questions": [
                        {
                            "kind": "one_choice",
                            "text": "Which plan are you on?",
                            "choices": [{"text": "Starter"}, {"text": "Growth"}],
                        }
                    ],
                },
            )
        ],
    )
    def create(self, request: Request) -> Reply:
        """It begins as a draft: nobody can answer before `go-live`. Texts left out are filled
        with the kind's own words in the survey's language."""
        if limit_of(request) is not None:
            raise PermissionDenied(
                _("This API key is limited to one survey and cannot make others.")
            )
        body = self.read_body(SurveyIn)
        told = once(request, lambda: Told(201, authoring.create(**body).pk))
        return self._shown(told.subject_id, status=told.status)

    @documented(
        "Change a survey",
        {200: SurveyDetail},
        tag=TAG,
        refused=(404, 409),
        request=SurveyChange,
        examples=[sent("Another question", {"question": "Would you recommend {company}?"})],
    )
    def partial_update(self, request: Request, slug: str) -> Reply:
        """Only what is sent changes. People who answered before keep the words they saw: a change
        of words makes a new `wording`. `questions` is the whole list: one with an `id` is changed,
        one without is added, one left out is retired, and its answers stay."""
        survey = self.get_object()
        authoring.change(survey, **self.read_body(SurveyChange))
        return self._shown(survey.pk)

    @documented("Go live", {200: SurveyDetail}, tag=TAG, refused=(404,), request=None)
    @action(detail=True, methods=["post"], url_path="go-live")
    def go_live(self, request: Request, slug: str) -> Reply:
        """Opens it for answers; a closed survey is opened again."""
        survey = self.get_object()
        services.go_live(survey)
        return self._shown(survey.pk)

    @documented("Close", {200: SurveyDetail}, tag=TAG, refused=(404, 409), request=None)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, slug: str) -> Reply:
        """It takes no further answers, and mails still waiting are not sent."""
        survey = self.get_object()
        if survey.status == Survey.Status.DRAFT:
            message = _("The survey '%(slug)s' is a draft: there is nothing to close.")
            raise Conflict(message % {"slug": survey.slug}, code="survey_not_live")
        services.close(survey)
        return self._shown(survey.pk)

    def _shown(self, survey_id: int | None, *, status: int = 200) -> Reply:
        survey = self.get_queryset().get(pk=survey_id)
        return Reply(SurveyDetail(survey).data, status=status)
