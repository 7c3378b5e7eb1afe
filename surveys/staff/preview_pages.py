"""The preview beside the editor: page, thanks and mail, with words that may not be saved yet."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from outbox.staff.pages import staff_page
from surveys.mail import sample_letter
from surveys.models import BandText, Survey
from surveys.previews import draw_page, draw_thanks
from surveys.staff.forms import SurveyForm
from surveys.staff.frame import survey_of
from surveys.translations import state_of, words_of
from surveys.wording import Content, draw_up

# The frame stands in our own pages only; a mail brings its styles along, as mail does.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.view_survey")
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw one part; a POST brings the editor's form along and stores nothing of it."""
    survey = survey_of(slug)
    content = _as_typed(request, survey) if request.method == "POST" else _stored(request, survey)
    asked = request.POST if request.method == "POST" else request.GET
    part = str(asked.get("part", "page"))
    if part == "mail":
        letter = sample_letter(survey, content, link=_link(survey), name="Ada")
        return _framed(letter.html, policy=_MAIL_POLICY)
    return _framed(_page(survey, content, part, request), policy=_PAGE_POLICY)


def _stored(request: HttpRequest, survey: Survey) -> Content:
    """Return the stored words, in another language when one is asked for."""
    state = state_of(survey, request.GET.get("lang", ""))
    if state is None:
        return draw_up(survey)
    return draw_up(survey, language=state.code, words=words_of(state))


def _link(survey: Survey) -> str:
    return reverse("surveys:preview", args=[survey.slug])


def _page(survey: Survey, content: Content, part: str, request: HttpRequest) -> str:
    action = reverse("staff:survey-preview", args=[survey.slug])
    score = _score(survey, part.removeprefix("thanks-"))
    if part == "page" and request.GET.get("step") == "thanks":  # the page's own form
        score = _score(survey, str(request.GET.get("score", "")))
    if score is None:
        return draw_page(survey, content, action=action)
    comment = str(request.GET.get("comment", ""))
    return draw_thanks(survey, content, action=action, score=score, comment=comment)


def _score(survey: Survey, text: str) -> int | None:
    number = int(text) if text.isdecimal() and len(text) < 4 else None
    return number if number is not None and survey.scale.holds(number) else None


def _as_typed(request: HttpRequest, survey: Survey) -> Content:
    """Return the words in the form; a field that is not valid keeps its stored words."""
    kind, brand = survey.kind, survey.brand
    form = SurveyForm(request.POST, instance=survey)
    form.is_valid()
    survey.kind = kind  # its bands are those of the form until it is saved
    survey.brand = survey.brand if survey.brand_id else brand
    texts = [
        BandText(survey=survey, band=slug, **asdict(wording))
        for slug, wording in form.band_wordings().items()
    ]
    return draw_up(survey, band_texts=texts)


def _framed(html: str, *, policy: str) -> HttpResponse:
    response = HttpResponse(html)
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
