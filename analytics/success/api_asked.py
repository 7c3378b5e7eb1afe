"""What an address of the API asks for: which days, which segment, known when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from analytics.periods import BadPeriod, Period
from analytics.success.catalogue import MOST_MONTHS
from analytics.success.cells import BadCell, moment
from analytics.success.queries import Facts
from analytics.success.spans import read_span
from surveys.api.errors import BadQuery

PERIOD = (
    OpenApiParameter(
        "period", str, description="2026-10, or 7d, 30d, 13w, 12m. Default: the last whole month."
    ),
    OpenApiParameter("from", str, description="First day, instead of `period`."),
    OpenApiParameter("to", str, description="Last day, included."),
    OpenApiParameter("segment", str, description="Only customers of this segment."),
    OpenApiParameter(
        "as_of",
        str,
        description="Judge by what had happened at this time or day (its first instant); what is "
        "too young then is pending. Default: now.",
    ),
)
ASKED = ("period", "from", "to", "segment", "as_of")


def asked_period(request: Request) -> Period:
    try:
        return read_span(request.query_params)
    except BadPeriod as error:
        name, _colon, reason = str(error).partition(": ")
        raise BadQuery({name: [reason]}) from None


def asked_months(request: Request) -> int:
    text = request.query_params.get("months", "13")
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_MONTHS:
        message = _("Send a whole number from 1 to %(most)s.")
        raise BadQuery({"months": [message % {"most": MOST_MONTHS}]})
    return int(text)


def asked_facts(make: Any, request: Request, *what: Any) -> Facts:
    segment, as_of = request.query_params.get("segment", ""), asked_as_of(request)
    try:
        return make(*what, segment=segment, as_of=as_of)  # type: ignore[no-any-return]
    except LookupError as error:
        raise BadQuery({"segment": [str(error)]}) from None


def asked_as_of(request: Request) -> datetime | None:
    text = request.query_params.get("as_of", "")
    try:
        return moment(text) if text else None
    except BadCell as error:
        raise BadQuery({"as_of": [str(error)]}) from None
