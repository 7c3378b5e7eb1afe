"""One visit of a customer: what the link opens, in which language, and what is refused at the door.

The token in the address is the only authority. Sessions, cookies and staff
logins are neither read nor written here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import translation

from surveys import notices
from surveys.languages import Speech, choose_language, preferred, speech
from surveys.models import Invitation, ShareLink, Survey
from surveys.notices import Notice
from surveys.pages import Look, look_of
from surveys.services import find_invitation
from surveys.wording import Content, content_of, languages_of

log = logging.getLogger(__name__)

_UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


@dataclass(frozen=True, slots=True)
class Share:
    """What pages of a share link or widget carry.

    `remembered_as` is the name under which the browser keeps that it
    answered, empty when it shall not, for so many `days`. `again_url` leads
    the next person at a shared tablet to a fresh page. `origins`: the websites
    that may show the page in a frame, none but for widgets.
    """

    code: str
    remembered_as: str = ""
    days: int = 0
    again_url: str = ""
    origins: tuple[str, ...] = ()


def share_of(link: ShareLink, *, days: int) -> Share:
    if link.is_widget:
        return Share(link.code, origins=tuple(link.origins))
    if link.is_once:
        return Share(link.code, remembered_as=link.code, days=days)
    return Share(link.code, again_url=f"/a/{link.code}")


@dataclass(frozen=True)
class Visit:
    """An opened link. `asked_language` is what the address asks for, or empty."""

    token: str
    invitation: Invitation
    asked_language: str
    language: str

    @property
    def survey(self) -> Survey:
        return self.invitation.survey

    @cached_property
    def content(self) -> Content | None:
        """Return the words people see; None for a survey that never went live."""
        wording = self.survey.wording
        return content_of(wording.content, self.language) if wording else None

    @cached_property
    def look(self) -> Look:
        return look_of(self.survey.brand)

    @cached_property
    def speech(self) -> Speech:
        words = self.content
        return speech(
            self.language, wording_language=words.language if words else self.survey.language
        )

    @cached_property
    def share(self) -> Share | None:
        """Return what a page of a share link or widget knows of it; None for other links."""
        if self.invitation.share_link_id is None or not self.invitation.share_link:
            return None
        return share_of(self.invitation.share_link, days=self.survey.link_days)

    def address(self, name: str, **query: object) -> str:
        """Return the address of a page of this link, in the language that was asked for."""
        asked = {"lang": self.asked_language} if self.asked_language else {}
        pairs = urlencode({**query, **asked})
        return reverse(name, args=[self.token]) + (f"?{pairs}" if pairs else "")

    @property
    def unsubscribe_url(self) -> str:
        if self.invitation.contact_id is None:
            return ""
        return self.address("surveys:unsubscribe")

    def draw_notice(self, notice: Notice) -> HttpResponse:
        body = notices.draw(
            notice,
            look=self.look,
            speech=self.speech,
            unsubscribe_url=self.unsubscribe_url,
            share=self.share,
        )
        return HttpResponse(body, status=notice.status)


View = Callable[[HttpRequest, Visit], HttpResponse]


def customer_page(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Open the link, refuse what no page could take, then call the view with the visit."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, token: str, **_: Any) -> HttpResponse:
            return guarded(request, lambda: _answer(view, request, token, methods))

        return answer

    return decorate


def guarded(request: HttpRequest, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """Say it in a human sentence when the database refuses; their words stay in the browser."""
    try:
        return draw()
    except DatabaseError as error:
        log.error("database refused a customer page error=%s", type(error).__name__)
        return _stranger(request, notices.out_of_order)


def _answer(view: View, request: HttpRequest, token: str, methods: tuple[str, ...]) -> HttpResponse:
    invitation = find_invitation(token)
    if invitation is None:
        return unknown_link(request)
    return serve(view, request, open_visit(request, token, invitation), methods)


def serve(view: View, request: HttpRequest, visit: Visit, methods: tuple[str, ...]) -> HttpResponse:
    """Call the view in the visit's language, unless the request is refused at the door."""
    translation.activate(visit.language)
    response = _served(view, request, visit, methods)
    if visit.share and visit.share.origins:
        response.framed_by = visit.share.origins  # type: ignore[attr-defined]
    return response


def _served(
    view: View, request: HttpRequest, visit: Visit, methods: tuple[str, ...]
) -> HttpResponse:
    if request.method not in methods:
        refused = visit.draw_notice(notices.wrong_method())
        refused.headers["Allow"] = ", ".join(methods)
        return refused
    if request.method == "POST" and (notice := refusal(request)):
        return visit.draw_notice(notice)
    return view(request, visit)


def open_visit(request: HttpRequest, token: str, invitation: Invitation) -> Visit:
    asked = request.GET.get("lang", "")
    wishes = (asked, _wished(request, invitation), invitation.survey.language)
    language = choose_language(wishes)
    return Visit(token, invitation, language if asked else "", language)


def _wished(request: HttpRequest, invitation: Invitation) -> str:
    """Return what a known contact speaks; of a stranger, what the browser asks for and we have."""
    if invitation.contact:
        return invitation.contact.language
    wording = invitation.survey.wording
    accept = request.headers.get("Accept-Language", "")
    return preferred(accept, languages_of(wording.content)) if wording else ""


def refusal(request: HttpRequest) -> Notice | None:
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > settings.SURVEY_BODY_LIMIT:
        return notices.too_large()
    if not is_own_origin(request):
        return notices.from_elsewhere()
    try:
        request.POST  # noqa: B018  parsed once, here
    except _UNREADABLE:
        return notices.unreadable()
    return None


def is_own_origin(request: HttpRequest) -> bool:
    """Tell whether a post comes from our own page, as far as the browser says.

    No Origin comes from mail programs and old browsers, "null" from browsers
    that hide where people come from: the token is the authority, so both pass.
    """
    origin = request.headers.get("Origin", "")
    if origin in ("", "null"):
        return True
    own = {request.get_host().lower(), urlsplit(settings.BASE_URL).netloc.lower()}
    return urlsplit(origin).netloc.lower() in own


def unknown_link(request: HttpRequest) -> HttpResponse:
    """Answer a link we do not know, the same for every reason."""
    return _stranger(request, notices.unknown)


def _stranger(request: HttpRequest, notice_of: Callable[[], Notice]) -> HttpResponse:
    language = choose_language(
        [request.GET.get("lang", "")], accept=request.headers.get("Accept-Language", "")
    )
    with translation.override(language):
        notice = notice_of()
        body = notices.draw(notice, look=look_of(None), speech=speech(language))
    return HttpResponse(body, status=notice.status)
