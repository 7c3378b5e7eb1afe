"""Asking by a CSV file: one row a person, each checked alone as a single call would be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from surveys import sheets
from surveys.api.bulk import MOST
from surveys.api.errors import TooLarge

# Columns of a person; every other column is a property of the asking.
COLUMNS = ("email", "name", "customer", "language", "delay_seconds", "send_at")


class CsvParser(BaseParser):
    """Return the text of a body of at most API_BULK_LIMIT bytes."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        most = int(settings.API_BULK_LIMIT)
        stated = int(parser_context["request"].META.get("CONTENT_LENGTH") or 0)
        data = stream.read(most + 1) if stated <= most else b""
        if max(stated, len(data)) > most:
            raise TooLarge(_("The body is larger than %(most)s bytes.") % {"most": most})
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = _("The file is not UTF-8: byte %(place)s.")
            raise ParseError(message % {"place": error.start}) from None


class CsvOnly(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = request.content_type.partition(";")[0].strip().lower()
        return parsers[0] if kind == "text/csv" else None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def rows_of(text: Any, survey: str) -> list[dict[str, Any]]:
    """Return each row as the body of a single call. ParseError when it is no table."""
    try:
        sheet = sheets.read(text.encode() if isinstance(text, str) else b"")
    except sheets.Unreadable as error:
        raise ParseError(str(error)) from None
    columns = [re.sub(r"\W+", "_", heading.strip().lower()) for heading in sheet.header]
    if "email" not in columns:
        raise ParseError(_("There is no column “email”. Columns: %(names)s.") % {
            "names": ", ".join(sheet.header)[:300]})  # fmt: skip
    if not 1 <= len(sheet.records) <= MOST:
        raise ParseError(_("Send 1 to %(most)s rows.") % {"most": MOST})
    return [
        _body(dict(zip(columns, record.cells, strict=False)), survey) for record in sheet.records
    ]


def _body(cells: Mapping[str, Any], survey: str) -> dict[str, Any]:
    body: dict[str, Any] = {"survey": survey, **dict(_own(cells))}
    properties = {name: cell for name, cell in cells.items() if name not in COLUMNS and cell != ""}
    return {**body, "properties": properties} if properties else body


def _own(cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in COLUMNS:
        cell = cells.get(name, "")
        if cell == "":
            continue
        text = str(cell).strip()
        # A file knows only texts; a number is one if it is spelt like one.
        yield name, int(text) if name == "delay_seconds" and text.isdecimal() else text
