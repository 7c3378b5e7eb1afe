"""Saved answers: the list, the editor, retiring; and counting that one was used."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feedback import saved_answers
from feedback.gaps import GAPS
from feedback.inbox_panels import language_name
from feedback.models import SavedAnswer
from feedback.saved_forms import SavedAnswerForm
from feedback.teaching.frame import page_of, user_name
from outbox.staff.pages import staff_page

CHANGE = "feedback.change_savedanswer"


@dataclass(frozen=True, slots=True)
class Line:
    """A saved answer in the list: `purpose` are the words of all it is for."""

    answer: SavedAnswer
    language: str
    purpose: tuple[str, ...]


@require_safe
@staff_page("feedback.view_savedanswer")
def saved_answers_page(request: HttpRequest) -> HttpResponse:
    """Which answers are there, what are they for, are they used?"""
    show = "retired" if request.GET.get("show") == "retired" else "in-use"
    counts = SavedAnswer.objects.aggregate(
        in_use=Count("pk", filter=Q(is_active=True)), retired=Count("pk", filter=Q(is_active=False))
    )
    page = page_of(_rows(is_active=show == "in-use"), request)
    context = {
        "show": show,
        "counts": counts,
        "page": page,
        "query": "show=retired&" if show == "retired" else "",
        "lines": [_line(answer) for answer in page],
    }
    return render(request, "feedback/saved_answers.html", context)


def _rows(*, is_active: bool) -> QuerySet[SavedAnswer]:
    return SavedAnswer.objects.filter(is_active=is_active).prefetch_related("themes")


def _line(answer: SavedAnswer) -> Line:
    words = [theme.name for theme in answer.themes.all()]
    if answer.sentiment:
        words.append(str(answer.get_sentiment_display()))
    if answer.tone:
        words.append(str(answer.get_tone_display()))
    return Line(answer, language_name(answer.language), tuple(words))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.add_savedanswer")
def new_saved_answer(request: HttpRequest) -> HttpResponse:
    return _editor(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(CHANGE)
def saved_answer(request: HttpRequest, pk: int) -> HttpResponse:
    return _editor(request, get_object_or_404(SavedAnswer, pk=pk))


def _editor(request: HttpRequest, answer: SavedAnswer | None) -> HttpResponse:
    form = SavedAnswerForm(request.POST or None, answer=answer)
    if request.method == "POST" and form.is_valid():
        try:
            saved = saved_answers.save(form.draft, by=user_name(request), answer=answer)
        except saved_answers.Refused as error:
            form.refuse(error.reasons)
        else:
            words = _("“%s” is saved and suggested from now on.")
            if not saved.is_active:
                words = _("“%s” is saved. It is retired and not suggested.")
            messages.success(request, words % saved.title)
            return redirect("staff:saved-answers")
    context = {"answer": answer, "form": form, "gaps": [(f"{{{n}}}", _meaning(n)) for n in GAPS]}
    status = 422 if form.is_bound else 200
    return render(request, "feedback/saved_answer.html", context, status=status)


def _meaning(gap: str) -> str:
    return {
        "name": _("the person’s name"),
        "customer": _("their company’s name"),
        "company": _("the product or company that asked"),
        "agent": _("the full name of whoever replies"),
        "survey": _("the survey’s name"),
        "score": _("the score they gave"),
    }[gap]


@require_POST
@staff_page(CHANGE)
def switch_saved_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire an answer, or take it back into use."""
    answer = get_object_or_404(SavedAnswer, pk=pk)
    is_active = request.POST.get("active") == "1"
    saved_answers.switch(answer, is_active=is_active)
    words = _("“%s” is suggested again.") if is_active else _("“%s” is retired.")
    messages.success(request, words % answer.title)
    return redirect("staff:saved-answers")


@require_POST
@staff_page("feedback.delete_savedanswer")
def delete_saved_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an answer that is retired: two steps, so that no slip of the hand does."""
    answer = get_object_or_404(SavedAnswer, pk=pk, is_active=False)
    answer.delete()
    messages.success(request, _("“%s” is deleted.") % answer.title)
    return redirect("staff:saved-answers")


@require_POST
@staff_page("feedback.view_savedanswer")
def note_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Count that its draft was copied or opened in a mail program; the browser tells."""
    saved_answers.note_use(pk)
    return HttpResponse(status=204)
