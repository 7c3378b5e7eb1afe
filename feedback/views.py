"""The survey page and its thanks page: parse, make one call, draw."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from feedback.forms import FollowUpForm, ScoreForm, read_follow_up, read_score, read_score_form
from feedback.lean import store_plain_answer
from feedback.models import Response
from feedback.opens import record_open
from feedback.pages import draw_answered, draw_survey, draw_thanks, given_by_question
from feedback.proofs import proof_of
from feedback.services import (
    GivenAnswer,
    LinkExpired,
    Submission,
    SurveyClosed,
    answers_of,
    check_open,
    submit,
)
from surveys import notices
from surveys.models import Survey
from surveys.pages import FollowUp, follow_up
from surveys.scales import scale_of
from surveys.visits import Visit, customer_page, refusal
from surveys.wording import Content


class SeeOther(HttpResponseRedirect):
    """After a stored answer: fetch the next page, so that reload and Back repeat nothing."""

    status_code = 303


View = Callable[[HttpRequest, Visit, Content], HttpResponse]


def answer_page(view: View) -> Callable[..., HttpResponse]:
    """Open the link for a view that needs the survey's words; say so when it takes no answer."""

    @customer_page("GET", "HEAD", "POST")
    @wraps(view)
    def answer(request: HttpRequest, visit: Visit) -> HttpResponse:
        survey, look = visit.survey, visit.look
        if visit.content is None or survey.status == Survey.Status.DRAFT:
            return visit.draw_notice(notices.not_open_yet(look))
        try:
            return view(request, visit, visit.content)
        except SurveyClosed:
            return visit.draw_notice(notices.closed(survey, look))
        except LinkExpired:
            return visit.draw_notice(notices.expired(survey, look))

    return answer


def survey_page(request: HttpRequest, token: str) -> HttpResponse:
    """Store a plain answer the short way; leave everything else to the full page."""
    if request.method == "POST" and refusal(request) is None and _is_stored(request, token):
        return SeeOther(f"{request.path}/thanks")
    return full_survey_page(request, token=token)


def _is_stored(request: HttpRequest, token: str) -> bool:
    try:
        return store_plain_answer(request, token)
    except DatabaseError:
        return False  # the full page meets the same trouble and says so


@answer_page
def full_survey_page(request: HttpRequest, visit: Visit, content: Content) -> HttpResponse:
    """Draw the question or store the answer. A GET never answers, whatever its address says."""
    check_open(visit.invitation, now=timezone.now())
    if request.method == "POST":
        return _store_score(request, visit, content)
    return _draw_question(request, visit, content)


def _stored(visit: Visit) -> Response | None:
    if visit.invitation.answered_at is None:
        return None
    return Response.objects.filter(invitation_id=visit.invitation.pk).first()


def _draw_question(request: HttpRequest, visit: Visit, content: Content) -> HttpResponse:
    score = read_score(request.GET.get("score", ""), content)
    record_open(request, visit.invitation, score=score)
    response = _stored(visit)
    if response is None:
        body = draw_survey(visit, content, chosen=score, came_with_score=True)
    elif "change" not in request.GET:
        body = draw_answered(visit, content, response, score=score)
    else:
        body = draw_survey(
            visit,
            content,
            chosen=response.score if score is None else score,
            comment=response.comment,
            version=response.version,
        )
    return HttpResponse(body)


def _store_score(request: HttpRequest, visit: Visit, content: Content) -> HttpResponse:
    form = read_score_form(request.POST, content)
    if form.score is None or form.problems:
        body = draw_survey(
            visit,
            content,
            chosen=form.score,
            comment=form.comment,
            version=form.version,
            problems=form.problems,
        )
        return HttpResponse(body, status=422)
    response = _stored(visit)
    submission = Submission(
        form.score,
        _comment_to_keep(form, response),
        visit.language,
        answers_of(response) if response else (),
        proof_of(request),
    )
    submit(visit.invitation, submission)
    return SeeOther(visit.address("feedback:thanks"))


def _comment_to_keep(form: ScoreForm, response: Response | None) -> str:
    """Return the comment to store: an empty box erases only words it showed."""
    if response is None or form.comment or form.version == response.version:
        return form.comment
    return response.comment


@answer_page
def thanks_page(request: HttpRequest, visit: Visit, content: Content) -> HttpResponse:
    """Draw what was saved and ask the rest, or store what was said to it."""
    response = _stored(visit)
    if response is None:
        return SeeOther(visit.address("feedback:survey"))
    if request.method == "POST":
        return _store_follow_up(request, visit, content, response)
    return _draw_thanks(request, visit, content, response, can_change=_can_change(visit))


def _can_change(visit: Visit) -> bool:
    """Tell whether the answer may still be changed; a closed survey's can still be looked at."""
    try:
        check_open(visit.invitation, now=timezone.now())
    except SurveyClosed:
        return False
    return True


def _draw_thanks(
    request: HttpRequest, visit: Visit, content: Content, response: Response, *, can_change: bool
) -> HttpResponse:
    answers = answers_of(response)
    asks = can_change and ("more" in request.GET or not (answers or "done" in request.GET))
    kept = {name: 1 for name in ("more", "done") if name in request.GET}
    ask = _open_questions(content, response, answers) if asks else None
    body = draw_thanks(visit, content, response, answers, ask=ask, can_change=can_change, kept=kept)
    return HttpResponse(body)


def _open_questions(
    content: Content, response: Response, answers: tuple[GivenAnswer, ...]
) -> FollowUp:
    return follow_up(
        content,
        response.score,
        given=given_by_question(answers),
        asks_comment=not response.comment,
    )


def _store_follow_up(
    request: HttpRequest, visit: Visit, content: Content, response: Response
) -> HttpResponse:
    check_open(visit.invitation, now=timezone.now())
    band = scale_of(content.kind).band_of(response.score).slug
    form = read_follow_up(request.POST, [q for q in content.questions if q.is_for(band)])
    before = answers_of(response)
    if form.problems:
        return _follow_up_again(visit, content, response, before, form)
    answers = tuple(a for a in before if a.question_id not in form.asked) + form.answers
    comment = form.comment or response.comment
    said = Submission(response.score, comment, visit.language, answers, proof_of(request))
    submit(visit.invitation, said)
    return SeeOther(visit.address("feedback:thanks", done=1))


def _follow_up_again(
    visit: Visit,
    content: Content,
    response: Response,
    answers: tuple[GivenAnswer, ...],
    form: FollowUpForm,
) -> HttpResponse:
    ask = follow_up(
        content,
        response.score,
        comment=form.comment or "",
        given={**given_by_question(answers), **form.given},
        asks_comment=form.comment is not None,
    )
    body = draw_thanks(
        visit,
        content,
        response,
        answers,
        ask=ask,
        can_change=True,
        kept={},
        problems=form.problems,
    )
    return HttpResponse(body, status=422)
