"""Stop a digest or a report at one press: no login, no cookie, and never on a GET."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import override

from analytics.digests import stopping
from surveys import notices
from surveys.languages import choose_language, speech
from surveys.pages import look_of
from surveys.visits import guarded, refusal, unknown_link


def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show one button; act on POST only, at once, also on a mail program's one click (RFC 8058)."""
    return guarded(request, lambda: _answer(request, token))


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    found = stopping.find(token)
    if found is None:
        return unknown_link(request)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    own = found.digest.language if found.digest else ""
    language = choose_language(
        [request.GET.get("lang", ""), own], accept=request.headers.get("Accept-Language", "")
    )
    with override(language):
        if request.method == "POST":
            if notice := refusal(request):
                look, spoken = look_of(None), speech(language)
                return HttpResponse(
                    notices.draw(notice, look=look, speech=spoken), status=notice.status
                )
            stopping.stop(found)
        body = render_to_string(
            "digests/stop.html",
            {
                "found": found,
                "is_over": found.is_over,
                "look": look_of(None),
                "speech": speech(language),
            },
        )
    return HttpResponse(body)
