"""The script other websites load, and where it sends what people do. No cookies, no sessions."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template

from analytics.success import tracking
from analytics.success.models import TrackingKey
from surveys import rates
from surveys.networks import network_of

MOST_BYTES = 32_000
_SCRIPT_KEPT = "public, max-age=3600"


def script(request: HttpRequest) -> HttpResponse:
    """Serve the script; it holds nothing of anybody and knows its key from its own tag."""
    response = HttpResponse(script_text(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = _SCRIPT_KEPT
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"  # so that it can carry a hash
    return response


@lru_cache
def script_text() -> str:
    """Return the script without its comment lines and indents."""
    source = get_template("track/track.js").template.source  # type: ignore[attr-defined]
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def events(request: HttpRequest, key: str) -> HttpResponse:
    """Add events to those there are: from the key's own websites only, within its rates."""
    if request.method != "POST":
        return _said(405, "POST usage events here; see the documentation of tracking.")
    found = TrackingKey.objects.filter(key=key, is_active=True).first()
    if found is None:
        return _said(404, "There is no active tracking key of this name.")
    origin = request.headers.get("Origin", "")
    if origin not in found.origins:
        return _said(403, "This website is not among those of the key.")
    wait = _wait(found, network_of(request))
    if wait:
        response = _said(429, "Too many calls. Wait a moment.", origin)
        response.headers["Retry-After"] = str(wait)
        return response
    return _recorded(request, found, origin)


def _wait(key: TrackingKey, network: str) -> int:
    own = rates.take(
        f"track:{key.pk}:{network}", most=settings.TRACK_CALLS_PER_MINUTE_OF_NETWORK, seconds=60
    )
    return own or rates.take(f"track:{key.pk}", most=settings.TRACK_CALLS_PER_MINUTE, seconds=60)


def _recorded(request: HttpRequest, key: TrackingKey, origin: str) -> HttpResponse:
    data = request.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        return _said(413, f"The body is larger than {MOST_BYTES} bytes.", origin)
    try:
        found = tracking.record(key, json.loads(data))
    except tracking.BadTracking as error:
        return _said(422, str(error), origin)
    except (ValueError, RecursionError):
        return _said(400, "The body is no JSON.", origin)
    errors = [{"index": r.index, "field": r.column, "message": r.reason} for r in found.refusals]
    return _allowed(JsonResponse({"stored": found.stored, "errors": errors}), origin)


def _said(status: int, message: str, origin: str = "") -> HttpResponse:
    return _allowed(JsonResponse({"error": {"message": message}}, status=status), origin)


def _allowed(response: Any, origin: str) -> HttpResponse:
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
    return response  # type: ignore[no-any-return]
