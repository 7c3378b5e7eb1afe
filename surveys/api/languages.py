"""A survey's further languages: what there is to translate, what is missing, what is open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from outbox.transactions import write
from surveys import translating
from surveys.api.base import ApiViewSet, survey_named
from surveys.api.docs import documented, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Flag, Line, Strict
from surveys.models import Survey
from surveys.translations import LanguageState, state_of, states_of

TAG = "Surveys"
_PLACE = 60
_LONGEST = 300


class TextOut(serializers.Serializer):  # type: ignore[type-arg]
    place = serializers.CharField(source="text.place", help_text="Which text: `thanks`.")
    source = serializers.CharField(  # type: ignore[assignment]
        source="text.source", help_text="The original."
    )
    text = serializers.CharField(source="said", help_text="The translation; empty when missing.")
    is_outdated = serializers.BooleanField(help_text="The original has changed since.")


class LanguageOut(serializers.Serializer):  # type: ignore[type-arg]
    language = serializers.CharField(source="code")
    is_open = serializers.BooleanField(help_text="Meant for people.")
    is_spoken = serializers.BooleanField(help_text="Open and complete: people read it.")
    missing = serializers.IntegerField()
    outdated = serializers.IntegerField()


class LanguageDetail(LanguageOut):
    texts = TextOut(source="entries", many=True)


class LanguageIn(Strict):
    texts = serializers.DictField(
        child=Line(max_length=_LONGEST, allow_blank=True),
        required=False,
        help_text="Place to translation; an empty one takes the former away, others stay.",
    )
    is_open = Flag(required=False)


class SurveyLanguageViewSet(ApiViewSet):
    queryset = Survey.objects.all()
    model = Survey
    survey_path = "pk"
    serializer_class = LanguageOut
    pagination_class = None  # type: ignore[assignment]  # there are few languages
    filter_backends = []
    list_parameters = ()

    @documented("Languages of a survey", {200: LanguageOut(many=True)}, tag=TAG, refused=(404,))
    def list(self, request: Request, slug: str) -> Reply:
        """All but its own. People read a language while it is open and no text is missing;
        otherwise they get the survey's own."""
        survey = survey_named(slug, request)
        return Reply(LanguageOut(states_of(survey), many=True).data)

    @documented("One language with its texts", {200: LanguageDetail}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, slug: str, code: str) -> Reply:
        """Everything staff wrote, with the translation so far. Texts of ours come translated."""
        return Reply(LanguageDetail(self._state(survey_named(slug, request), code)).data)

    @documented(
        "Translate a survey",
        {200: LanguageDetail},
        tag=TAG,
        refused=(404, 409),
        request=LanguageIn,
        examples=[sent("One text, and open it", {"texts": {"thanks": "Danke!"}, "is_open": True})],
    )
    def partial_update(self, request: Request, slug: str, code: str) -> Reply:
        """Adds the language if it is new. Nothing is stored when a text does not fit, or when the
        language should open and a text is missing (409): a survey is never spoken in halves."""
        survey = survey_named(slug, request)
        body = self.read_body(LanguageIn)
        if code not in dict(settings.LANGUAGES) or code == survey.language:
            raise NotFound(_("'%(code)s' is no further language of this survey.") % {"code": code})
        with write():
            self._change(survey, code, body)
        return Reply(LanguageDetail(self._state(survey, code)).data)

    def _change(self, survey: Survey, code: str, body: dict[str, Any]) -> None:
        if state_of(survey, code) is None:
            translating.add(survey, code)
        said = body.get("texts", {})
        if found := translating.problems(self._state(survey, code), said):
            raise ValidationError({"texts": {place: [text] for place, text in found.items()}})
        translating.store(survey, code, said)
        if "is_open" in body:
            try:
                translating.set_open(survey, code, is_open=body["is_open"])
            except translating.Incomplete:
                count = self._state(survey, code).missing
                message = _("It cannot be opened yet: %(count)s still to be translated.")
                raise Conflict(message % {"count": count}, code="language_incomplete") from None

    def _state(self, survey: Survey, code: str) -> LanguageState:
        state = state_of(survey, code)
        if state is None:
            message = _("This survey has no language '%(code)s'. PATCH here adds it.")
            raise NotFound(message % {"code": code})
        return state
