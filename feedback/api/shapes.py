"""What a response looks like over the API, and what one brought in must look like."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feedback.models import Mention, Reading, Response, Revision
from surveys.api.fields import (
    Address,
    LanguageCode,
    Line,
    Moment,
    Properties,
    Strict,
    Whole,
    Words,
)
from surveys.models import Contact, Invitation
from surveys.models.survey import TOUCHPOINT_LONGEST
from surveys.scales import scale_of

IMPORT_CHANNELS = [
    (channel.value, channel.label)
    for channel in (Invitation.Channel.API, Invitation.Channel.IMPORT)
]
_BIG = 2**53


class RespondentOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    customer = serializers.CharField(source="customer.external_id", default=None, allow_null=True)

    class Meta:
        model = Contact
        fields = ["id", "email", "name", "customer"]


class ReadingOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    is_corrected = serializers.SerializerMethodField(help_text="A person set the sentiment.")
    read_at = Moment()

    class Meta:
        model = Reading
        fields = [
            "language", "sentiment", "compound", "confidence", "reason", "is_corrected", "version",
            "read_at",
        ]  # fmt: skip

    def get_is_corrected(self, reading: Reading) -> bool:
        return any(verdict.what == "sentiment" for verdict in reading.response.verdicts.all())


class MentionOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    theme = serializers.CharField(source="theme.slug")

    class Meta:
        model = Mention
        fields = ["theme", "start", "end", "sentiment", "compound"]


class ChosenOut(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.IntegerField()
    text = serializers.CharField()


class AnswerOut(serializers.Serializer):  # type: ignore[type-arg]
    question = serializers.IntegerField()
    text = serializers.CharField(help_text="The question as the person read it.")
    kind = serializers.CharField()
    value_text = serializers.CharField(allow_null=True)
    value_number = serializers.IntegerField(allow_null=True)
    choices = ChosenOut(many=True)


class RevisionOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    created_at = Moment(help_text="When it was replaced.")

    class Meta:
        model = Revision
        fields = ["version", "score", "comment", "created_at"]


class ResponseOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    survey = serializers.CharField(source="survey.slug")
    band = serializers.SerializerMethodField()
    invitation = serializers.IntegerField(source="invitation_id")
    contact = RespondentOut(allow_null=True)
    properties = Properties()
    reading = ReadingOut(allow_null=True, help_text="null until a worker has read it.")
    emotions: Any = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    mentions = MentionOut(many=True)
    answers = serializers.SerializerMethodField()
    submitted_at = Moment()
    revised_at = Moment(allow_null=True)
    held_reasons = serializers.SerializerMethodField(
        help_text="Codes of the rules that hold it, see the documentation; empty when counted."
    )

    class Meta:
        model = Response
        fields = [
            "id", "survey", "score", "band", "comment", "channel", "touchpoint", "standing",
            "held_reasons", "language", "submitted_at", "revised_at", "version", "external_id",
            "invitation", "contact", "properties", "reading", "emotions", "mentions", "answers",
        ]  # fmt: skip

    def get_band(self, response: Response) -> str:
        scale = scale_of(response.survey.kind)
        return scale.band_of(response.score).slug if scale.holds(response.score) else ""

    def get_held_reasons(self, response: Response) -> list[str]:
        return [code for code in response.held_reasons.split(",") if code]

    @extend_schema_field(AnswerOut(many=True))
    def get_answers(self, response: Response) -> list[dict[str, Any]]:
        return answers_shown(response)


class ResponseDetail(ResponseOut):
    revisions = RevisionOut(many=True, help_text="What it said before, oldest first.")

    class Meta(ResponseOut.Meta):
        fields = [*ResponseOut.Meta.fields, "revisions"]


def answers_shown(response: Response) -> list[dict[str, Any]]:
    """Return one entry per additional question, with the words the person read."""
    texts = _texts_read(response)
    shown: dict[int, dict[str, Any]] = {}
    for answer in response.answers.all():
        entry = shown.setdefault(
            answer.question_id,
            {
                "question": answer.question_id,
                "text": texts.get(answer.question_id, answer.question.text),
                "kind": answer.question.kind,
                "value_text": answer.text or None,
                "value_number": answer.number,
                "choices": [],
            },
        )
        if answer.choice:
            entry["choices"].append({"id": answer.choice_id, "text": answer.choice.text})
    return list(shown.values())


def _texts_read(response: Response) -> dict[int, str]:
    questions = response.wording.content["questions"] if response.wording else []
    return {question["id"]: question["text"] for question in questions}


class ResponseRowIn(Strict):
    score = Whole(min_value=-1, max_value=100, help_text="On the survey's scale.")
    comment = Words(
        required=False, allow_blank=True, max_length=settings.COMMENT_LIMIT, trim_whitespace=False
    )
    submitted_at = Moment(required=False, help_text="Left out: now.")
    email = Address(required=False)
    contact = Whole(required=False, min_value=1, max_value=_BIG, help_text="Instead of `email`.")
    name = Line(max_length=200, required=False, allow_blank=True)
    customer = Line(max_length=120, required=False)
    language = LanguageCode(required=False)
    channel = serializers.ChoiceField(IMPORT_CHANNELS, default=Invitation.Channel.API)
    touchpoint = Line(
        max_length=TOUCHPOINT_LONGEST,
        required=False,
        help_text="Where in the journey it was asked. Left out: the survey's.",
    )
    external_id = Line(
        max_length=120, required=False, help_text="Bringing it in twice stores it once."
    )
    properties = Properties(required=False)
    answers = serializers.DictField(
        required=False,
        child=serializers.JSONField(),
        help_text="Question id to a text, a number, a choice (id or text) or a list of choices.",
    )

    def validate_answers(self, answers: dict[str, Any]) -> dict[int, Any]:
        if len(answers) > 20 or not all(key.isascii() and key.isdecimal() for key in answers):
            raise serializers.ValidationError(_("The names here are ids of questions."))
        return {int(key[:18]): value for key, value in answers.items()}

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        if "email" in body and "contact" in body:
            message = _("Send either an e-mail address or a contact.")
            raise serializers.ValidationError({"email": [message]})
        return body


class ResponseIn(ResponseRowIn):
    survey = Line(max_length=60, help_text="Its slug.")


class ResponsesIn(Strict):
    survey = Line(max_length=60)
    responses = ResponseRowIn(many=True)
