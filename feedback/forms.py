"""Read what a customer's form says. Everything readable is kept, also when it cannot be stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from feedback.services import GivenAnswer, clean_comment
from surveys.models import Question
from surveys.pages import Given, range_text
from surveys.scales import scale_of
from surveys.wording import Content, QuestionText

HONEYPOT = "website"
_NUMBER = re.compile(r"-?[0-9]{1,4}")
_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer is not stored yet: `summary` links to `target`, `message` stands beside it."""

    target: str
    summary: str
    message: str


Problems = dict[str, Problem]


@dataclass(frozen=True, slots=True)
class ScoreForm:
    """The first page as posted. `version` is the answer the person was looking at, 0 for none."""

    score: int | None
    comment: str
    version: int
    problems: Problems


def read_score(text: str, content: Content) -> int | None:
    """Return the score a text spells, None when it is none of this scale."""
    score = int(text) if _NUMBER.fullmatch(text) else None
    return score if score is not None and scale_of(content.kind).holds(score) else None


def read_score_form(data: QueryDict, content: Content) -> ScoreForm:
    problems: Problems = {}
    score = read_score(data.get("score", ""), content)
    comment = clean_comment(data.get("comment", ""))
    if score is None:
        problems["score"] = _score_problem(
            data.get("score", ""), content, has_comment=bool(comment)
        )
    if problem := _length_problem(comment, "comment"):
        problems["comment"] = problem
    if data.get(HONEYPOT):
        problems[HONEYPOT] = send_again()
    version = data.get("version", "")
    return ScoreForm(score, comment, int(version) if _ID.fullmatch(version) else 0, problems)


def _score_problem(text: str, content: Content, *, has_comment: bool) -> Problem:
    kept = _("Your comment is still here.") if has_comment else ""
    scale = scale_of(content.kind)
    if _NUMBER.fullmatch(text):
        message = _("%(score)s is not on this scale.") % {"score": text}
    elif content.score_labels:
        message = _("Please choose an answer.")
    else:
        message = _("Please choose a number.")
    return Problem(f"score-{scale.low}", range_text(content), f"{message} {kept}".strip())


def _length_problem(text: str, target: str) -> Problem | None:
    length, most = len(text), settings.COMMENT_LIMIT
    if length <= most:
        return None
    facts = {"length": _grouped(length), "most": _grouped(most), "over": _grouped(length - most)}
    return Problem(
        target,
        _("Shorten your comment"),
        _("Your comment has %(length)s characters and %(most)s fit. Please take out %(over)s.")
        % facts,
    )


def _grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def send_again() -> Problem:
    """Ask for the button once more: what kept the answer back is not the person's doing."""
    return Problem("main", _("Please send it once more"), "")


@dataclass(frozen=True, slots=True)
class FollowUpForm:
    """The thanks page's form as posted: a comment (None when it was not asked) and answers."""

    comment: str | None
    answers: tuple[GivenAnswer, ...]
    asked: frozenset[int]
    given: Mapping[int, Given] = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)


def read_follow_up(data: QueryDict, questions: Iterable[QuestionText]) -> FollowUpForm:
    """Read the answers to those of `questions` that the posted page asked.

    A page names the questions it shows (`asked`), because an unticked box says
    nothing and must not be mistaken for a question that was not there.
    """
    problems: Problems = {}
    comment = clean_comment(data.get("comment", "")) if "comment" in data else None
    if comment and (problem := _length_problem(comment, "comment")):
        problems["comment"] = problem
    if data.get(HONEYPOT):
        problems[HONEYPOT] = send_again()
    answers: list[GivenAnswer] = []
    given: dict[int, Given] = {}
    shown = set(data.getlist("asked")) | set(data)
    for question in questions:
        if f"q{question.id}" not in shown:
            continue
        mine = [text for text in data.getlist(f"q{question.id}") if text]
        given[question.id], more = _read_question(question, mine)
        answers += more
        if message := given[question.id].problem:
            problems[f"q{question.id}"] = Problem(_target(question), question.text, message)
    return FollowUpForm(comment, tuple(answers), frozenset(given), given, problems)


def _target(question: QuestionText) -> str:
    if question.kind == Question.Kind.SCALE:
        return f"q{question.id}-{question.low}"
    first = next((f"-{choice.id}" for choice in question.choices), "")
    return f"q{question.id}{first}"


def _read_question(question: QuestionText, texts: list[str]) -> tuple[Given, list[GivenAnswer]]:
    match question.kind:
        case Question.Kind.FREE_TEXT:
            return _read_text(question, texts)
        case Question.Kind.SCALE:
            return _read_number(question, texts)
    return _read_choices(question, texts)


def _read_text(question: QuestionText, texts: list[str]) -> tuple[Given, list[GivenAnswer]]:
    text = clean_comment(texts[0]) if texts else ""
    problem = _length_problem(text, f"q{question.id}")
    if problem:
        return Given(text=text, problem=problem.message), []
    return Given(text=text), [GivenAnswer(question.id, text=text)] if text else []


def _read_number(question: QuestionText, texts: list[str]) -> tuple[Given, list[GivenAnswer]]:
    if not texts:
        return Given(), []
    number = int(texts[0]) if _NUMBER.fullmatch(texts[0]) else None
    if number is None or not question.low <= number <= question.high:
        ends = {"low": question.low, "high": question.high}
        return Given(problem=_("Choose a number from %(low)s to %(high)s") % ends), []
    return Given(number=number), [GivenAnswer(question.id, number=number)]


def _read_choices(question: QuestionText, texts: list[str]) -> tuple[Given, list[GivenAnswer]]:
    wanted = {int(text) for text in texts if _ID.fullmatch(text)}
    known = [choice.id for choice in question.choices if choice.id in wanted]
    if len(known) < len(set(texts)):
        return Given(problem=_("Choose among the answers shown.")), []
    if question.kind == Question.Kind.ONE_CHOICE:
        known = known[:1]
    answers = [GivenAnswer(question.id, choice_id=choice_id) for choice_id in known]
    return Given(choices=frozenset(known)), answers
