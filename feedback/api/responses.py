"""Responses over the API: read what people said, bring in answers from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from feedback import replies
from feedback.api.saved_answers import SuggestedReplies
from feedback.api.shapes import (
    ResponseDetail,
    ResponseIn,
    ResponseOut,
    ResponseRowIn,
    ResponsesIn,
)
from feedback.filters import ResponseFilters
from feedback.imports import ImportRow, Outcome, import_responses
from feedback.models import Answer, Mention, Response
from feedback.story import story_of
from surveys.api import bulk
from surveys.api.base import ApiViewSet, limit_of, survey_in_body
from surveys.api.contacts import person_of
from surveys.api.docs import documented, said, sent
from surveys.api.errors import Conflict
from surveys.api.fields import Line
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import Contact, Survey

TAG = "Responses"
_EXAMPLE = {
    "id": 9001,
    "survey": "product-nps",
    "score": 9,
    "band": "promoter",
    "comment": "The new bank feed simply works. Support was a little slow.",
    "channel": "email",
    "touchpoint": "relationship",
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

    @documented("Suggested replies", {200: SuggestedReplies}, tag=TAG, refused=(404,))
    @action(detail=True, methods=["get"], url_path="suggested-replies")
    def suggested_replies(self, request: Request, pk: str) -> Reply:
        """Own saved answers that fit, drafted, with why and from where; Verbatim sends none."""
        story = story_of(self.get_object().pk)
        if story is None:  # erased since a moment ago
            raise NotFound
        # Who calls need not be who signs: {agent} is left to be filled in.
        return Reply(SuggestedReplies(replies.for_story(story, agent="")).data)

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
        touchpoint=body.get("touchpoint", ""),
        properties=body.get("properties", {}),
        answers=body.get("answers", {}),
    )


def _outcome(index: int, found: Outcome) -> bulk.Outcome:
    if found.problems:
        return bulk.outcome(index, "refused", errors=found.problems)
    return bulk.outcome(index, "created" if found.is_new else "existing", found.response_id)
