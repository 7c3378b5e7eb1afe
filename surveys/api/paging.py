"""Pages by position, not by number: the last page costs as much as the first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Func, Model, QuerySet, Value
from django.db.models.fields import BooleanField
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response as Reply
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from surveys.api.errors import BadQuery

MOST = 500
USUAL = 50
PARAMETERS = ("cursor", "page_size")


class Keyset(BasePagination):
    """`?page_size=50&cursor=…`; the view's `keyset` names unique, indexed columns in order.

    All columns run in the same direction ("-submitted_at", "-id"), so that the
    database compares whole rows and starts reading at the right place.
    """

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        keyset: tuple[str, ...] = view.keyset  # type: ignore[union-attr]
        size = _size(request)
        rows: QuerySet[Any] = queryset.order_by(*keyset)
        if cursor := request.query_params.get("cursor"):
            row = _position(queryset.model, keyset, cursor)
            rows = rows.filter(beyond(queryset.model, keyset, row))
        found = list(rows[: size + 1])
        self._next = None
        if len(found) > size:
            position = _cursor(found[size - 1], keyset)
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", position)
        return found[:size]

    def get_paginated_response(self, data: Any) -> Reply:
        headers = {"Link": f'<{self._next}>; rel="next"'} if self._next else {}
        return Reply({"results": data, "next": self._next}, headers=headers)

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "example": "https://ask.example.com/api/v1/…?cursor=WyI0MSJd",
                    "description": "Address of the next page; null on the last one.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string", "maxLength": 300},
                "description": "Where to go on: part of the `next` address of the page before.",
            },
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
                "description": "Rows a page.",
            },
        ]


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", str(USUAL))
    size = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    if not 1 <= size <= MOST:
        raise BadQuery({"page_size": [_("Send a number from 1 to %(most)s.") % {"most": MOST}]})
    return size


class RowCompare(Func):
    """`(a, b) < (x, y)`: SQL's own comparison of rows, which walks the index."""

    output_field = BooleanField()

    def __init__(self, model: type[Model], names: Sequence[str], sign: str, row: Sequence[Any]):
        fields = [model._meta.get_field(name) for name in names]
        values = [
            Value(value, output_field=field)  # type: ignore[arg-type]
            for field, value in zip(fields, row, strict=True)
        ]
        self.width, self.sign = len(names), sign
        super().__init__(*names, *values)

    def as_sql(
        self, compiler: Any, connection: Any, *_others: Any, **_more: Any
    ) -> tuple[str, tuple[Any, ...]]:
        parts = [compiler.compile(source) for source in self.source_expressions]
        left = ", ".join(sql for sql, _ in parts[: self.width])
        right = ", ".join(sql for sql, _ in parts[self.width :])
        parameters = tuple([value for _, values in parts for value in values])
        return f"({left}) {self.sign} ({right})", parameters


def beyond(model: type[Model], keyset: Sequence[str], row: Sequence[Any]) -> RowCompare:
    """Return the condition for rows after this one in the keyset's order."""
    return _compare(model, keyset, row, "<", ">")


def up_to(model: type[Model], keyset: Sequence[str], row: Sequence[Any]) -> RowCompare:
    """Return the condition for rows before this one, and this one."""
    return _compare(model, keyset, row, ">=", "<=")


def _compare(
    model: type[Model], keyset: Sequence[str], row: Sequence[Any], falling: str, rising: str
) -> RowCompare:
    names = [name.lstrip("-") for name in keyset]
    return RowCompare(model, names, falling if keyset[0].startswith("-") else rising, row)


def _position(model: type[Model], keyset: Sequence[str], cursor: str) -> list[Any]:
    """Return the row a cursor names. BadQuery for anything we did not write."""
    try:
        texts = _texts(json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")))
        return [
            _sane(model._meta.get_field(name.lstrip("-")).to_python(text))  # type: ignore[union-attr]
            for name, text in zip(keyset, texts, strict=True)
        ]
    except (ValueError, ValidationError, binascii.Error, RecursionError):
        message = _("This is no cursor of this list: follow the `next` address as it is.")
        raise BadQuery({"cursor": [message]}) from None


def _texts(texts: Any) -> list[str]:
    if not isinstance(texts, list) or not all(_is_sane(text) for text in texts):
        raise ValueError("a cursor is a list of short texts")
    return texts


def _is_sane(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) < 40 and text.isascii() and text.isprintable()


def _sane(value: Any) -> Any:
    is_odd_time = isinstance(value, datetime) and (
        value.tzinfo is None or not 1900 < value.year < 2200
    )
    if is_odd_time or (isinstance(value, int) and abs(value) >= 2**63):
        raise ValueError("no list has such a row")
    return value


def _cursor(row: Model, keyset: tuple[str, ...]) -> str:
    texts = [_text(getattr(row, name.lstrip("-"))) for name in keyset]
    packed = json.dumps(texts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
