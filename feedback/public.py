"""Customer pages bypass everything that knows cookies, sessions or staff.

A survey link's token is its only authority, so /s/ pages, share links (/a/),
widgets (/w/), the brand's colours and logo (/b/), usage events (/u/) and links
that stop a digest (/d/) are answered before the session, CSRF and login
machinery. What never runs can neither leak, fail nor slow an answer down.
Headers that protect the page are set here, once.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation

from surveys.visits import unknown_link

PREFIXES = ("/s/", "/a/", "/w/", "/b/", "/u/", "/d/")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class PublicPagesMiddleware:
    """Answer customer pages directly; hand everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        request.get_host()  # refuses a forged Host header with 400
        response = _answer(request)
        translation.deactivate()
        for name, value in _headers(response).items():
            response.headers.setdefault(name, value)
        response._has_been_logged = True  # type: ignore[attr-defined]  # links stay out of logs
        response.headers["Content-Length"] = str(len(response.content))
        if request.method == "HEAD":  # mail scanners ask so; the server complains about a body
            response.content = b""
        return response


def _headers(response: HttpResponse) -> dict[str, str]:
    """Return the headers of a page; one a widget shows may stand in its owner's websites."""
    origins = getattr(response, "framed_by", ())
    if not origins:
        return HEADERS
    headers = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    policy = headers["Content-Security-Policy"]
    headers["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'none'", f"frame-ancestors {' '.join(origins)}"
    )
    return headers


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return unknown_link(request)
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response
