"""How the schema speaks: one shape for errors, the same words for the same statuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers


class ErrorDetail(serializers.Serializer):  # type: ignore[type-arg]
    code = serializers.CharField(help_text="For programs; never changes.")
    message = serializers.CharField(help_text="For people: what, where and what to do.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text='Place in the request ("contacts.3.email") to its reasons; often empty.',
    )


class Error(serializers.Serializer):  # type: ignore[type-arg]
    error = ErrorDetail()


_MEANINGS: Mapping[int, tuple[str, str, str]] = {
    400: (
        "The address or the JSON cannot be understood.",
        "bad_query",
        "surveys: There is no parameter of this name here. Known: band, channel, cursor, …",
    ),
    401: (
        "No API key, or one that is unknown or revoked.",
        "not_authenticated",
        "This API key is not known. Keys look like vb_1a2b3c4d_…",
    ),
    403: (
        "The key lacks the scope, or is limited to one survey.",
        "not_allowed",
        "This API key lacks the scope 'write'. Make one with it under API keys.",
    ),
    404: (
        "There is no such thing, or this key may not see it.",
        "not_found",
        "There is nothing here by that name, or this key may not see it.",
    ),
    409: (
        "Well formed, but not in this state.",
        "survey_not_live",
        "The survey 'product-nps' is a draft. Go live first.",
    ),
    413: ("The body is too large.", "too_large", "The body is larger than 65536 bytes."),
    415: (
        "The body is not JSON.",
        "unsupported_media_type",
        'Unsupported media type "text/xml" in request.',
    ),
    422: (
        "The body is JSON, but not what is needed here; `fields` says where.",
        "invalid",
        "score: 11 is not on the scale 0 to 10.",
    ),
    429: (
        "Too many calls with this key; wait `Retry-After` seconds.",
        "too_many_calls",
        "Request was throttled. Expected available in 3 seconds.",
    ),
}
ALWAYS = (400, 401, 403, 429)
BODY = (413, 415, 422)


def refusals(statuses: Iterable[int]) -> dict[int, OpenApiResponse]:
    """Return the documented error answers of these statuses."""
    return {status: _refusal(status) for status in sorted(set(statuses))}


def _refusal(status: int) -> OpenApiResponse:
    meaning, code, message = _MEANINGS[status]
    value = {"error": {"code": code, "message": message, "fields": {}}}
    example = OpenApiExample(code, value=value, response_only=True)
    return OpenApiResponse(Error, description=meaning, examples=[example])


def documented(
    summary: str,
    answers: Mapping[Any, Any],  # by status, or by status and media type
    *,
    tag: str,
    refused: Iterable[int] = (),
    **more: Any,
) -> Callable[[Any], Any]:
    """Describe one operation: its summary, its answers and how it may refuse."""
    if "request" in more:
        refused = (*refused, *BODY)
    if "parameters" in more:
        more["parameters"] = list(more["parameters"])
    responses = {**answers, **refusals([*ALWAYS, *refused])}
    return extend_schema(summary=summary, responses=responses, tags=[tag], **more)


def said(name: str, value: Any, **more: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, **more)


def sent(name: str, value: Any, **more: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True, **more)
