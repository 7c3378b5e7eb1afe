"""Bodies: JSON only, of a stated size, read once and never deeper than needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from surveys.api.errors import TooLarge


class BodyParser(BaseParser):
    """Parse a JSON object of at most API_BODY_LIMIT bytes (API_BULK_LIMIT for bulk calls)."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = parser_context or {}
        most = _limit(context)
        # What says of itself that it is too long is not read at all.
        stated = int(context["request"].META.get("CONTENT_LENGTH") or 0)
        data = stream.read(most + 1) if stated <= most else b""
        if max(stated, len(data)) > most:
            message = _("The body is larger than %(most)s bytes. Send fewer rows a call.")
            raise TooLarge(message % {"most": most})
        return decode(data)


def _limit(context: Mapping[str, Any]) -> int:
    view = context.get("view")
    is_bulk = getattr(view, "action", None) in getattr(view, "bulk_actions", ())
    return int(settings.API_BULK_LIMIT if is_bulk else settings.API_BODY_LIMIT)


def decode(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ParseError(
            _("The body is not UTF-8: byte %(place)s.") % {"place": error.start}
        ) from None
    except RecursionError:
        raise ParseError(_("The body is nested too deeply.")) from None
    except ValueError as error:
        raise ParseError(_("The body is not JSON: %(reason)s") % {"reason": error}) from None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


class JsonOnly(BaseContentNegotiation):
    """Answer JSON whatever is accepted; exports decide by their address."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the JSON parser for JSON and for bodies of no stated type."""
        kind = request.content_type.partition(";")[0].strip().lower()
        return parsers[0] if kind in ("application/json", "") else None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
