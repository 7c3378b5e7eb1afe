"""Share links and widgets: anybody may answer, within the limits of the link."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from feedback.forms import ScoreForm, read_score, read_score_form, send_again
from feedback.pages import draw_survey
from feedback.proofs import proof_of
from feedback.services import LinkExpired, Submission, SurveyClosed, check_open, submit
from feedback.views import SeeOther
from outbox.transactions import write
from surveys import notices, sharing
from surveys.brand import palette
from surveys.languages import choose_language, direction_of
from surveys.models import Invitation, ShareLink, Survey
from surveys.networks import network_of
from surveys.services import token_of
from surveys.visits import Visit, guarded, open_visit, serve, unknown_link
from surveys.wording import Content

_METHODS = ("GET", "HEAD", "POST")
_SCRIPT_KEPT = "public, max-age=600"


class ShareVisit(Visit):
    """A visit before its answer: there is no invitation yet, the link's address stands for it."""

    def address(self, name: str, **query: object) -> str:
        if name != "feedback:survey":
            return super().address(name, **query)
        link = self.invitation.share_link
        page = "feedback:widget" if link and link.is_widget else "feedback:share"
        return super().address(page, **query)


def share_page(request: HttpRequest, code: str) -> HttpResponse:
    return guarded(request, lambda: _page(request, code, ShareLink.Channel.LINK))


def widget_page(request: HttpRequest, code: str) -> HttpResponse:
    return guarded(request, lambda: _page(request, code, ShareLink.Channel.WIDGET))


def _page(request: HttpRequest, code: str, channel: str) -> HttpResponse:
    link = sharing.find(code)
    if link is None or link.channel != channel:
        return unknown_link(request)
    opened = open_visit(request, code, sharing.visitor(link))
    visit = ShareVisit(code, opened.invitation, opened.asked_language, opened.language)
    return serve(lambda request, visit: _serve(request, visit, link), request, visit, _METHODS)


def _serve(request: HttpRequest, visit: Visit, link: ShareLink) -> HttpResponse:
    """Draw the question or store the answer. A GET writes nothing at all."""
    survey = link.survey
    content = visit.content
    if content is None or survey.status == Survey.Status.DRAFT:
        return visit.draw_notice(notices.not_open_yet(visit.look))
    try:
        check_open(visit.invitation, now=timezone.now())
        if request.method == "POST":
            return _store(request, visit, link, content)
        sharing.check(link)
    except (SurveyClosed, LinkExpired):
        return visit.draw_notice(notices.closed(survey, visit.look))
    except sharing.NotOpen:
        return visit.draw_notice(notices.not_open_yet(visit.look))
    except sharing.Full:
        return visit.draw_notice(notices.enough(visit.look))
    except sharing.TooMany as error:
        refused = visit.draw_notice(notices.too_many(error.seconds))
        refused.headers["Retry-After"] = str(error.seconds)
        return refused
    score = read_score(request.GET.get("score", ""), content)
    return HttpResponse(draw_survey(visit, content, chosen=score, start=sharing.start(link)))


def _store(request: HttpRequest, visit: Visit, link: ShareLink, content: Content) -> HttpResponse:
    form = read_score_form(request.POST, content)
    text = request.POST.get("start", "")
    found = sharing.started(link, text)
    if form.score is None or form.problems or found is None:
        return _again(visit, link, content, form, text if found else "")
    before = sharing.known(found)
    if before is None:
        sharing.check(link)
        sharing.pace(link, network_of(request))
    said = Submission(form.score, form.comment, visit.language, proof=proof_of(request))
    with write():
        invitation = before or sharing.admit(link, found)
        submit(invitation, said)
    return SeeOther(_thanks(visit, invitation))


def _again(
    visit: Visit, link: ShareLink, content: Content, form: ScoreForm, text: str
) -> HttpResponse:
    """Draw the form with everything typed; a page that was open too long gets a fresh start."""
    problems = form.problems or {"start": send_again()}
    body = draw_survey(
        visit, content, chosen=form.score, comment=form.comment, problems=problems,
        start=text or sharing.start(link),
    )  # fmt: skip
    return HttpResponse(body, status=422)


def _thanks(visit: Visit, invitation: Invitation) -> str:
    answered = Visit(token_of(invitation), invitation, visit.asked_language, visit.language)
    return answered.address("feedback:thanks")


# ---- The widget's script -----------------------------------------------------------------------


def widget_script(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the one script a page of another website loads. It holds nothing of anybody."""
    return guarded(request, lambda: _script(request, code))


def _script(request: HttpRequest, code: str) -> HttpResponse:
    link = sharing.find(code)
    if link is None or not link.is_widget:
        return unknown_link(request)
    is_shown = link.is_open and not link.is_full and link.survey.status == Survey.Status.LIVE
    body = f"(()=>{{const c={_config(request, link)};{_widget()}}})();" if is_shown else ""
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = _SCRIPT_KEPT
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"  # so that it can carry a hash
    return response


def _config(request: HttpRequest, link: ShareLink) -> str:
    asked = request.GET.get("lang", "")
    accept = request.headers.get("Accept-Language", "")
    language = choose_language([asked], accept=accept)
    colors = palette(link.survey.brand.color)
    with translation.override(language):
        facts: dict[str, Any] = {
            "code": link.code,
            "src": settings.BASE_URL + reverse("feedback:widget", args=[link.code]),
            "lang": language,
            "dir": direction_of(language),
            "asked": bool(asked),
            "origins": link.origins,
            "label": link.label or _("Give feedback"),
            "title": _("Survey of %(company)s") % {"company": link.survey.company},
            "close": _("Close"),
            "hide": _("Do not show this again"),
            "days": link.survey.rest_days or 90,
            "after": link.opens_after,
            "light": _colors(colors.light),
            "dark": _colors(colors.dark),
        }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _colors(tokens: Any) -> list[str]:
    return [tokens.fill, tokens.on, tokens.rim, tokens.page, tokens.ink]


@lru_cache(maxsize=1)
def _widget() -> str:
    """Return the script's text without its comment lines and indents."""
    source = get_template("customer/widget.js").template.source  # type: ignore[attr-defined]
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
