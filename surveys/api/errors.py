"""One shape for every refusal: {"error": {"code", "message", "fields"}}.

`code` is for programs and never changes, `message` says what, where and what
to do, `fields` maps the place ("contacts.3.email") to its reasons.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response as Reply

log = logging.getLogger(__name__)

_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_calls",
    503: "unavailable",
}


class BadQuery(exceptions.ValidationError):
    """The address asks for something there is not: an unknown filter, a torn cursor."""

    status_code = 400
    default_code = "bad_query"


class Conflict(exceptions.APIException):
    """The request is well formed, but not now: the survey is a draft, the key was used before."""

    status_code = 409
    default_code = "conflict"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


def answer_error(error: Exception, context: Mapping[str, Any]) -> Reply | None:
    """Return the answer to an exception raised in an API view; None for a programming error."""
    if isinstance(error, Http404 | exceptions.NotFound):
        message = _("There is nothing here by that name, or this key may not see it.")
        return _reply(404, "not_found", str(error) if _is_ours(error) else message)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, OperationalError):
        return _unavailable(error) if _is_away(error) else None
    if isinstance(error, ValidationError):  # a service's refusal, by field
        error = exceptions.ValidationError(error.message_dict)
    if not isinstance(error, exceptions.APIException):
        return None
    status = 422 if type(error) is exceptions.ValidationError else error.status_code
    reply = _reply(status, _code(error, status), *_said(error))
    if wait := getattr(error, "wait", None):
        reply["Retry-After"] = str(int(wait))
    if challenge := getattr(error, "auth_header", None):
        reply["WWW-Authenticate"] = challenge
    return reply


def _is_ours(error: Exception) -> bool:
    return isinstance(error, exceptions.NotFound) and error.detail != error.default_detail


def _is_away(error: OperationalError) -> bool:
    """Tell a database that is away or busy from SQLite's word for a wrong statement."""
    return connection.vendor != "sqlite" or "locked" in str(error)


def _unavailable(error: Exception) -> Reply:
    log.warning("api database unavailable error=%s", type(error).__name__)
    reply = _reply(503, "unavailable", _("The database does not answer. Please repeat the call."))
    reply["Retry-After"] = "5"
    return reply


def _code(error: exceptions.APIException, status: int) -> str:
    if isinstance(error, exceptions.ParseError):
        return "malformed"
    if isinstance(error, exceptions.ValidationError):
        return error.default_code
    code = error.get_codes()
    is_special = isinstance(code, str) and code not in ("error", "permission_denied")
    return str(code) if is_special and status not in (401, 405, 406, 415, 429) else _CODES[status]


def _said(error: exceptions.APIException) -> tuple[str, dict[str, list[str]]]:
    if isinstance(error, exceptions.NotAuthenticated):
        return _("Show an API key with the call: Authorization: Bearer vb_…"), {}
    fields = dict(_flat(error.detail)) if isinstance(error, exceptions.ValidationError) else {}
    if not fields:
        return str(error.detail), {}
    where, reasons = next(iter(fields.items()))
    first = f"{where}: {reasons[0]}" if where else reasons[0]
    if len(fields) > 1:
        more = len(fields) - 1
        first += " " + _("(And %(count)s more: see fields.)") % {"count": more}
    return first, fields


def _flat(detail: Any, where: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield (dotted place, reasons) from DRF's nested error details."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            inside = where if name == "non_field_errors" else f"{where}.{name}".lstrip(".")
            yield from _flat(inner, inside)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        reasons = [str(item) for item in detail if isinstance(item, str)]
        if reasons:
            yield where, reasons
        for index, item in enumerate(detail):
            if not isinstance(item, str):
                yield from _flat(item, f"{where}.{index}".lstrip("."))
    else:
        yield where, [str(detail)]


def _reply(
    status: int, code: str, message: str, fields: Mapping[str, list[str]] | None = None
) -> Reply:
    return Reply(body_of(code, message, fields), status=status)


def body_of(
    code: str, message: str, fields: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": dict(fields or {})}}


def flat_reasons(detail: Any) -> dict[str, list[str]]:
    """Return DRF error details as place -> reasons, for one row of a bulk call."""
    return dict(_flat(detail))


NO_SUCH_PLACE = gettext_lazy("There is no such address in the API. GET /api/docs/ lists them all.")
