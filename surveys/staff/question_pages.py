"""Additional questions: write, move, take out, bring back. Every step works without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import editor
from surveys.models import Question, Survey
from surveys.staff.forms import QuestionForm
from surveys.staff.frame import frame, survey_of


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One line of the list."""

    question: Question
    bands: str
    choices: str
    is_first: bool
    is_last: bool


@require_safe
@staff_page("surveys.change_survey")
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked after the score, in order; what is asked no more."""
    survey = survey_of(slug)
    context = frame(
        survey,
        "questions",
        questions=_rows(survey),
        retired=survey.questions.filter(is_retired=True),
        most_questions=Question.MOST,
    )
    return render(request, "surveys/staff/questions.html", context)


def _rows(survey: Survey) -> list[QuestionRow]:
    names = {band.slug: str(band.name) for band in survey.scale.bands}
    rows = list(survey.questions.filter(is_retired=False).prefetch_related("choices"))
    return [
        QuestionRow(
            row,
            ", ".join(names.get(band, band) for band in row.bands),
            " · ".join(choice.text for choice in row.choices.all() if not choice.is_retired),
            is_first=at == 0,
            is_last=at == len(rows) - 1,
        )
        for at, row in enumerate(rows)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.change_survey")
def new_question(request: HttpRequest, slug: str) -> HttpResponse:
    question = Question(survey=survey_of(slug), kind=Question.Kind.ONE_CHOICE)
    return _form_page(request, question)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.change_survey")
def edit_question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    return _form_page(request, _question(slug, question_id))


def _form_page(request: HttpRequest, question: Question) -> HttpResponse:
    survey = question.survey
    is_published = question.pk is not None and question.pk in editor.published_ids(survey)[0]
    form = QuestionForm(request.POST or None, instance=question, is_published=is_published)
    if request.method == "POST" and form.is_valid():
        try:
            editor.save_question(form.save(commit=False), form.cleaned_data["choices"])
        except editor.TooManyQuestions:
            form.add_error(None, _too_many())
        else:
            messages.success(request, _("The question is saved."))
            return redirect(_list_url(survey.slug))
    context = frame(survey, "questions", form=form, is_published=is_published)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "surveys/staff/question.html", context, status=status)


@require_POST
@staff_page("surveys.change_survey")
def move_question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    question = _question(slug, question_id)
    editor.move_question(question, by=-1 if request.POST.get("to") == "up" else 1)
    return redirect(_list_url(slug))


@require_POST
@staff_page("surveys.change_survey")
def remove_question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    question = _question(slug, question_id)
    if editor.remove_question(question):
        words = _("“%(text)s” is asked no more. Its answers are kept, and you can bring it back.")
    else:
        words = _("“%(text)s” is deleted.")
    messages.success(request, words % {"text": question.text})
    return redirect(_list_url(slug))


@require_POST
@staff_page("surveys.change_survey")
def bring_back_question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    try:
        editor.bring_back(_question(slug, question_id))
    except editor.TooManyQuestions:
        messages.error(request, _too_many())
    return redirect(_list_url(slug))


def _too_many() -> str:
    return _("A survey has at most %(most)s additional questions. Remove one first.") % {
        "most": Question.MOST
    }


def _list_url(slug: str) -> str:
    return reverse("staff:survey-questions", args=[slug])


def _question(slug: str, question_id: int) -> Question:
    rows = Question.objects.select_related("survey__brand")
    return get_object_or_404(rows, survey__slug=slug, pk=question_id)
