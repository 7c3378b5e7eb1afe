"""Draw the customer's pages from a visit and what is stored. Numbers and words arrive ready."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from feedback.forms import Problems
from feedback.models import Response
from feedback.services import GivenAnswer
from surveys.pages import FollowUp, Given, score_text, score_view
from surveys.scales import scale_of
from surveys.visits import Visit
from surveys.wording import Content, QuestionText


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What is stored, in words. `chip` is the number shown large, empty for scales of words."""

    score: int
    chip: str
    score_words: str
    line: str = ""
    thanks: str = ""
    comment: str = ""
    answers: tuple[SavedAnswer, ...] = ()


def draw_survey(
    visit: Visit,
    content: Content,
    *,
    chosen: int | None,
    came_with_score: bool = False,
    comment: str = "",
    version: int = 0,
    problems: Problems | None = None,
    start: str = "",
) -> str:
    """Draw the question, with the form kept when there are problems."""
    change = {"change": 1} if version else {}
    kept = {"score": chosen} if chosen is not None else {}
    return render_to_string(
        "customer/survey.html",
        {
            **_frame(visit, kept={**kept, **change}),
            "content": content,
            "scale": score_view(content, chosen=chosen),
            "action": visit.address("feedback:survey"),
            "hello": hello(visit),
            "hint": hint(content, chosen) if came_with_score and chosen is not None else "",
            "comment": comment,
            "version": str(version) if version else "",
            "start": start,
            "is_change": bool(version),
            "problems": problems or {},
            "is_error": bool(problems),
        },
    )


def hello(visit: Visit) -> str:
    contact = visit.invitation.contact
    name = contact.first_name if contact else ""
    return _("Hello %(name)s,") % {"name": name} if name else ""


def hint(content: Content, chosen: int) -> str:
    if content.score_labels:
        text = _("You picked “%(answer)s” in our email. Tap another answer to change it.")
        return text % {"answer": score_text(content, chosen)}
    return _("You picked %(score)s in our email. Tap another number to change it.") % {
        "score": chosen
    }


def draw_thanks(
    visit: Visit,
    content: Content,
    response: Response,
    answers: Iterable[GivenAnswer],
    *,
    ask: FollowUp | None,
    can_change: bool,
    kept: Mapping[str, object],
    problems: Problems | None = None,
) -> str:
    """Draw what was saved, what is asked next, and how to change it."""
    words = content.bands[scale_of(content.kind).band_of(response.score).slug]
    return render_to_string(
        "customer/thanks.html",
        {
            **_frame(visit, kept=kept),
            "content": content,
            "saved": saved(content, response, answers),
            "ask": ask,
            "action": visit.address("feedback:thanks"),
            "change_url": visit.address("feedback:survey", change=1) if can_change else "",
            "change_until": change_until(visit),
            "more_url": _more_url(visit, content, response) if can_change else "",
            "link_text": words.link_text or words.link_url,
            "link_url": words.link_url,
            "problems": problems or {},
            "is_error": bool(problems),
        },
    )


def _more_url(visit: Visit, content: Content, response: Response) -> str:
    band = scale_of(content.kind).band_of(response.score).slug
    has_more = not response.comment or any(q.is_for(band) for q in content.questions)
    return visit.address("feedback:thanks", more=1) if has_more else ""


def draw_answered(visit: Visit, content: Content, response: Response, *, score: int | None) -> str:
    """Draw the page of a link that was used before; a newly clicked score travels on."""
    clicked = {"score": score} if score is not None else {}
    return render_to_string(
        "customer/answered.html",
        {
            **_frame(visit, kept=clicked),
            "saved": saved(content, response, ()),
            "lead": _("Thank you. We have your answer of %(date)s. %(until)s")
            % {"date": day_of(response), "until": change_until(visit)},
            "change_url": visit.address("feedback:survey", change=1, **clicked),
            "thanks_url": visit.address("feedback:thanks", done=1),
        },
    )


def _frame(visit: Visit, *, kept: Mapping[str, object]) -> dict[str, Any]:
    return {
        "look": visit.look,
        "speech": visit.speech,
        "kept": list(kept.items()),
        "unsubscribe_url": visit.unsubscribe_url,
        "share": visit.share,
    }


def saved(content: Content, response: Response, answers: Iterable[GivenAnswer]) -> Saved:
    scale = scale_of(content.kind)
    has_words = bool(content.score_labels)
    return Saved(
        score=response.score,
        chip="" if has_words else str(response.score),
        score_words=score_text(content, response.score)
        if has_words
        else _("out of %(high)s") % {"high": scale.high},
        line=_("Saved on %(date)s") % {"date": day_of(response)},
        thanks=content.thanks_for(scale.band_of(response.score).slug),
        comment=response.comment,
        answers=tuple(_saved_answers(content, answers)),
    )


def _saved_answers(content: Content, answers: Iterable[GivenAnswer]) -> Iterable[SavedAnswer]:
    given = given_by_question(answers)
    for question in content.questions:
        if question.id in given:
            yield SavedAnswer(question.text, _answer_text(question, given[question.id]))


def _answer_text(question: QuestionText, given: Given) -> str:
    if given.number is not None:
        return f"{given.number} / {question.high}"
    chosen = [choice.text for choice in question.choices if choice.id in given.choices]
    return "\n".join(chosen) or given.text


def given_by_question(answers: Iterable[GivenAnswer]) -> dict[int, Given]:
    """Return stored answers by question, choices of one question together."""
    given: dict[int, Given] = {}
    for answer in answers:
        before = given.get(answer.question_id, Given())
        choices = before.choices | ({answer.choice_id} if answer.choice_id else set())
        given[answer.question_id] = Given(answer.text, answer.number, frozenset(choices))
    return given


def day_of(response: Response) -> str:
    return date_format(localtime(response.revised_at or response.submitted_at), "DATE_FORMAT")


def change_until(visit: Visit) -> str:
    ends = [visit.invitation.expires_at, visit.survey.closes_at]
    first = min(moment for moment in ends if moment)
    date = date_format(localtime(first), "DATE_FORMAT")
    return _("You can change it until %(date)s.") % {"date": date}
