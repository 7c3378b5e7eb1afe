"""Facts in, in bulk: POST /api/v1/facts/<kind>."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response as Reply
from rest_framework.views import APIView

from analytics.periods import today as today_here
from analytics.success.intake import MOST_ROWS, Intake, take_in
from analytics.success.kind import Kind
from analytics.success.kinds import KINDS
from analytics.success.models import FactSource
from analytics.success.sources import has_stopped, patience_of
from surveys.api.docs import documented, sent
from surveys.api.errors import BadQuery, TooLarge, answer_error
from surveys.api.fields import Moment
from surveys.api.filtering import check_query
from surveys.api.parsing import JsonOnly, decode
from surveys.models import Customer

TAG = "Facts"
BODY_LIMIT = 16_000_000  # bytes: five thousand rows with room to spare
MOST_REASONS = 1000  # refusals told in one answer
_YES, _NO = ("true", "1"), ("false", "0", "")


class FactsParser(BaseParser):
    """JSON of at most BODY_LIMIT bytes."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self, stream: Any, media_type: str | None = None, context: Mapping[str, Any] | None = None
    ) -> Any:
        data = stream.read(BODY_LIMIT + 1)
        if len(data) > BODY_LIMIT:
            raise TooLarge(
                _("The body is larger than %(most)s bytes. Send fewer rows a call.")
                % {"most": BODY_LIMIT}
            )
        return decode(data)


class WorkspaceView(APIView):
    """A view of the whole workspace: no key limited to one survey may use it."""

    parser_classes = [FactsParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JsonOnly
    model: type[Model] = Customer

    def get_exception_handler(self) -> Any:
        return answer_error


class KindOut(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.CharField()
    name = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    required = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    key = serializers.ListField(
        child=serializers.CharField(), help_text="Rows with the same key replace each other."
    )
    received_at = Moment(allow_null=True, help_text="When rows came in last, changed or not.")
    stale_after_days = serializers.IntegerField(
        allow_null=True,
        help_text="Days of silence after which the source has stopped: five of its usual pauses. "
        "null: it has no rhythm yet.",
    )
    is_stale = serializers.BooleanField(help_text="It used to come in and has stopped.")


class RefusalOut(serializers.Serializer):  # type: ignore[type-arg]
    index = serializers.IntegerField(help_text="Place in the list sent, from 0.")
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class FactsIn(serializers.Serializer):  # type: ignore[type-arg]
    rows = serializers.ListField(child=serializers.DictField(), max_length=MOST_ROWS)


class IntakeOut(serializers.Serializer):  # type: ignore[type-arg]
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="created, updated, unchanged and refused."
    )
    is_kept = serializers.BooleanField(help_text="False after a dry run.")
    errors = RefusalOut(many=True)  # type: ignore[assignment]


class FactKindsView(WorkspaceView):
    @documented("Kinds of facts", {200: KindOut(many=True)}, tag=TAG)
    def get(self, request: Request) -> Reply:
        """What can be sent, with which columns, and when it came in last."""
        check_query(request, ())
        today, rows = today_here(), {row.kind: row for row in FactSource.objects.all()}
        return Reply(
            [
                {
                    "kind": kind.slug,
                    "name": str(kind.name),
                    "columns": kind.columns,
                    "required": kind.required,
                    "key": list(kind.key),
                    **_freshness(rows.get(kind.slug), today),
                }
                for kind in KINDS.values()
            ]
        )


def _freshness(row: FactSource | None, today: date) -> dict[str, Any]:
    return {
        "received_at": Moment().to_representation(row.received_at) if row else None,
        "stale_after_days": patience_of(row) if row else None,
        "is_stale": row is not None and has_stopped(row, today),
    }


class FactsView(WorkspaceView):
    @property
    def model(self) -> type[Model]:  # type: ignore[override]
        kind = KINDS.get(self.kwargs.get("kind", ""))
        return kind.model if kind else Customer

    @documented(
        "Send facts",
        {200: IntakeOut},
        tag=TAG,
        refused=(404,),
        request=FactsIn,
        parameters=[
            OpenApiParameter(
                "all_or_nothing", bool, description="One refused row keeps all of them out."
            ),
            OpenApiParameter("dry_run", bool, description="Only say what would happen."),
        ],
        examples=[
            sent(
                "Two states of a subscription",
                {
                    "rows": [
                        {
                            "external_id": "sub-1",
                            "customer": "acme-7",
                            "at": "2026-01-01T00:00:00Z",
                            "status": "active",
                            "plan": "Growth",
                            "amount": "99.00",
                            "currency": "EUR",
                        },
                        {
                            "external_id": "sub-1",
                            "customer": "acme-7",
                            "at": "2026-06-01T00:00:00Z",
                            "status": "cancelled",
                            "amount": "99.00",
                            "currency": "EUR",
                            "cause": "voluntary",
                        },
                    ]
                },
            )
        ],
    )
    def post(self, request: Request, kind: str) -> Reply:
        """Up to 5,000 rows a call. Rows are known by their key and replace themselves, so a call
        can be repeated. Good rows are kept, each refused one says which column and why; with
        `all_or_nothing` one refusal keeps all rows out and the answer is 422."""
        wanted = _kind_named(kind)
        check_query(request, ("all_or_nothing", "dry_run"))
        strict = is_asked(request, "all_or_nothing")
        found = take_in(
            wanted,
            _rows_of(request.data),
            all_or_nothing=strict,
            is_dry=is_asked(request, "dry_run"),
        )
        if strict and found.refusals:
            raise ValidationError(_by_place(found))
        return Reply(_told(found))


def _kind_named(slug: str) -> Kind:
    if slug not in KINDS:
        known = ", ".join(KINDS)
        raise NotFound(_("There are no facts of this kind. Known: %(known)s.") % {"known": known})
    return KINDS[slug]


def _rows_of(body: Any) -> list[Any]:
    if not isinstance(body, dict) or set(body) != {"rows"}:
        raise ValidationError({"rows": [_('Send an object like {"rows": [...]}.')]})
    rows = body["rows"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        message = _("Send a list of 1 to %(most)s rows.")
        raise ValidationError({"rows": [message % {"most": MOST_ROWS}]})
    return rows


def is_asked(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "").lower()
    if value not in _YES + _NO:
        raise BadQuery({name: [_("Send true or false.")]})
    return value in _YES


def _by_place(found: Intake) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for refusal in found.refusals[:MOST_REASONS]:
        place = f"rows.{refusal.index}.{refusal.column}".rstrip(".")
        places.setdefault(place, []).append(refusal.reason)
    return places


def _told(found: Intake) -> dict[str, Any]:
    return {
        "counts": {
            "created": found.created,
            "updated": found.updated,
            "unchanged": found.unchanged,
            "refused": found.refused,
        },
        "is_kept": found.is_kept,
        "errors": [
            {"index": refusal.index, "field": refusal.column, "message": refusal.reason}
            for refusal in found.refusals[:MOST_REASONS]
        ],
    }
