"""Responses and themes over the API: read what people said, bring in answers from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from feedback.filters import ResponseFilters
from feedback.imports import ImportRow, Outcome, import_responses
from feedback.models import Answer, Mention, Reading, Response, Revision, Theme
from surveys.api import bulk
from surveys.api.base import ApiViewSet, limit_of, survey_in_body
from surveys.api.contacts import person_of
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Address, LanguageCode, Line, Moment, Properties, Strict, Whole, Words
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import Contact, Invitation, Survey
from surveys.scales import scale_of

TAG = "Responses"
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

    class Meta:
        model = Response
        fields = [
            "id", "survey", "score", "band", "comment", "channel", "standing", "language",
            "submitted_at", "revised_at", "version", "external_id", "invitation", "contact",
            "properties", "reading", "emotions", "mentions", "answers",
        ]  # fmt: skip

    def get_band(self, response: Response) -> str:
        scale = scale_of(response.survey.kind)
        return scale.band_of(response.score).slug if scale.holds(response.score) else ""

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


_EXAMPLE = {
    "id": 9001,
    "survey": "product-nps",
    "score": 9,
    "band": "promoter",
    "comment": "The new bank feed simply works. Support was a little slow.",
    "channel": "email",
    "standing": "counted",
    "language": "en",
    "submitted_at": "2026-11-22T09:30:00Z",
    "revised_at": None,
    "version": 1,
    "external_id": "",
    "invitation": 512,
    "contact": {"id": 41, "email": "ada@example.com", "name": "Ada Byron", "customer": "acme-7"},
    "properties": {"plan": "Growth"},
    "reading": {
        "language": "en",
        "sentiment": "mixed",
        "compound": 0.21,
        "confidence": 0.83,
        "reason": "",
        "is_corrected": False,
        "version": "1",
        "read_at": "2026-11-22T09:30:01Z",
    },
    "emotions": [],
    "mentions": [
        {"theme": "support", "start": 34, "end": 41, "sentiment": "negative", "compound": -0.3}
    ],
    "answers": [],
}
_ROW = {
    "score": 9,
    "comment": "Quick and friendly.",
    "email": "ada@example.com",
    "submitted_at": "2026-03-02T10:15:00Z",
    "external_id": "old-tool-4711",
    "channel": "import",
    "properties": {"plan": "Starter"},
}


class ResponseViewSet(ApiViewSet):
    queryset = Response.objects.all()
    model = Response
    survey_path = "survey_id"
    keyset = ("-submitted_at", "-id")
    serializer_class = ResponseDetail
    filterset_class = ResponseFilters
    bulk_actions = ("bulk",)

    def get_queryset(self) -> QuerySet[Response]:
        return with_everything(super().get_queryset())

    @documented(
        "List responses",
        {200: ResponseOut(many=True)},
        tag=TAG,
        examples=[said("One promoter", _EXAMPLE, status_codes=["200"])],
    )
    def list(self, request: Request) -> Reply:
        """Newest first, those held as a machine's included (`standing`). For more than some
        thousand rows take the exports: they stream."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ResponseOut(rows, many=True).data)

    @documented("One response", {200: ResponseDetail}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return self._shown(self.get_object().pk)

    @documented(
        "Bring in one answer",
        {200: ResponseDetail, 201: ResponseDetail},
        tag=TAG,
        request=ResponseIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[sent("An answer from another tool", {"survey": "product-nps", **_ROW})],
    )
    def create(self, request: Request) -> Reply:
        """201 when stored, 200 when this `external_id` was there already (and stays as it is).
        Channel `api` is an answer given just now: the contact's properties are added to those
        sent. Channel `import` is history: it has only its own."""
        body = self.read_body(ResponseIn)
        survey = _open_for_import(survey_in_body(body["survey"], request))

        def act() -> Told:
            (outcome,) = import_responses(survey, [_row_of(body, survey, request)])
            if outcome.problems:
                raise serializers.ValidationError(outcome.problems)
            return Told(201 if outcome.is_new else 200, outcome.response_id)

        told = once(request, act)
        return self._shown(told.subject_id, status=told.status)

    @documented(
        "Bring in many answers",
        {200: bulk.BulkOut},
        tag=TAG,
        request=ResponsesIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[
            sent("Two answers", {"survey": "product-nps", "responses": [_ROW, {"score": 11}]}),
            said(
                "One stored, one refused",
                {
                    "counts": {"created": 1, "refused": 1},
                    "results": [
                        {"index": 0, "outcome": "created", "id": 9001, "errors": {}},
                        {
                            "index": 1,
                            "outcome": "refused",
                            "id": None,
                            "errors": {"score": ["11 is not on the scale 0 to 10."]},
                        },
                    ],
                },
                status_codes=["200"],
            ),
        ],
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Reply:
        """Up to 1,000 rows in one transaction. Outcomes: `created`, `existing` (this `external_id`
        was there already) and `refused` with the reasons."""
        rows = bulk.rows_of(request.data, "responses", beside=["survey"])
        body: Any = request.data  # a mapping, as `rows_of` has checked
        slug = Line(max_length=60).run_validation(body["survey"])
        survey = _open_for_import(survey_in_body(slug, request))
        good, outcomes = bulk.checked(rows, ResponseRowIn)

        def act() -> Told:
            found = import_responses(
                survey, [_row_of(row, survey, request) for row in good.values()]
            )
            stored = {index: _outcome(index, each) for index, each in zip(good, found, strict=True)}
            return Told(200, said=bulk.summary(outcomes | stored))

        return Reply(once(request, act).said)

    def _shown(self, response_id: int | None, *, status: int = 200) -> Reply:
        rows = self.get_queryset().prefetch_related("revisions")
        found = rows.get(pk=response_id)  # type: ignore[misc]  # stored: it has one
        return Reply(ResponseDetail(found).data, status=status)


def with_everything(rows: QuerySet[Response]) -> QuerySet[Response]:
    """Return responses with all a page of them shows, in a fixed number of queries."""
    answers = Answer.objects.select_related("question", "choice").order_by("question_id", "id")
    mentions = Mention.objects.select_related("theme").order_by("start", "id")
    return rows.select_related("survey", "contact__customer", "reading").prefetch_related(
        "wording",
        "emotions",
        "verdicts",
        Prefetch("answers", answers),
        Prefetch("mentions", mentions),
    )


def _open_for_import(survey: Survey) -> Survey:
    if survey.status == Survey.Status.DRAFT:
        message = _("The survey '%(slug)s' is a draft. Go live first.")
        raise Conflict(message % {"slug": survey.slug}, code="survey_not_live")
    return survey


def _row_of(body: Mapping[str, Any], survey: Survey, request: Request) -> ImportRow:
    contact_id = body.get("contact")
    if contact_id and limit_of(request) is not None:
        # A key of one survey knows only the people of that survey.
        known = Contact.objects.filter(pk=contact_id, invitations__survey=survey).exists()
        contact_id = contact_id if known else -1
    return ImportRow(
        score=body["score"],
        comment=body.get("comment", ""),
        submitted_at=body.get("submitted_at"),
        person=person_of({**body, "properties": {}}) if "email" in body else None,
        contact_id=contact_id,
        external_id=body.get("external_id", ""),
        language=body.get("language", "")[:5],
        channel=body["channel"],
        properties=body.get("properties", {}),
        answers=body.get("answers", {}),
    )


def _outcome(index: int, found: Outcome) -> bulk.Outcome:
    if found.problems:
        return bulk.outcome(index, "refused", errors=found.problems)
    return bulk.outcome(index, "created" if found.is_new else "existing", found.response_id)


class ThemeOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    words = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Theme
        fields = ["slug", "name", "words", "is_active"]


class ThemeViewSet(ApiViewSet):
    queryset = Theme.objects.all()
    model = Theme
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    serializer_class = ThemeOut
    filterset_class: Any = None

    @documented("List themes", {200: ThemeOut(many=True)}, tag="Themes")
    def list(self, request: Request) -> Reply:
        """What comments are searched for. How they score is in a survey's `report`."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ThemeOut(rows, many=True).data)

    @documented("One theme", {200: ThemeOut}, tag="Themes", refused=(404,))
    def retrieve(self, request: Request, slug: str) -> Reply:
        return Reply(ThemeOut(self.get_object()).data)


__all__: Sequence[str] = ["ResponseViewSet", "ThemeViewSet", "with_everything"]
