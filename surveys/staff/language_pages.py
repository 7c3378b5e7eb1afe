"""A survey in more languages: a tab each, what is missing, who reads what."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from outbox.staff.pages import staff_page
from surveys import translating
from surveys.languages import direction_of, name_of
from surveys.models import Survey
from surveys.staff.frame import frame, survey_of
from surveys.translations import Entry, LanguageState, states_of

EDIT = "surveys.change_survey"
_LONG = 120  # characters; longer texts get a box of several lines


@dataclass(frozen=True, slots=True)
class Line:
    """One text to translate, as its field shows it."""

    entry: Entry
    name: str
    value: str
    problem: str

    @property
    def is_long(self) -> bool:
        return self.entry.text.most > _LONG


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(EDIT)
def languages(request: HttpRequest, slug: str) -> HttpResponse:
    """Which languages does this survey speak, and what do the others' readers get?"""
    survey = survey_of(slug)
    if request.method == "POST":
        code = request.POST.get("language", "")
        if code not in dict(settings.LANGUAGES):
            messages.error(request, _("Choose a language of the list."))
            return redirect("staff:survey-languages", slug)
        try:
            translating.add(survey, code)
        except translating.AlreadyThere:
            messages.info(request, _("The survey has this language already."))
        return redirect("staff:survey-language", slug, code)
    return render(request, "surveys/staff/languages.html", _context(survey))


def _context(survey: Survey, **more: object) -> dict[str, object]:
    states = states_of(survey)
    taken = {survey.language, *(state.code for state in states)}
    return frame(
        survey,
        "languages",
        states=states,
        own_name=name_of(survey.language),
        free=[(code, name) for code, name in settings.LANGUAGES if code not in taken],
        **more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(EDIT)
def language(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Translate text by text, open the language, or take it away."""
    survey = survey_of(slug)
    state = _state(survey, code)
    if request.method != "POST":
        return _draw(request, survey, state, said={}, problems={})
    do = request.POST.get("do", "save")
    if do == "remove":
        translating.remove(survey, code)
        messages.success(request, _("%(language)s is taken away.") % {"language": state.name})
        return redirect("staff:survey-languages", slug)
    if do == "close":
        translating.set_open(survey, code, is_open=False)
        words = _("%(language)s is closed: its readers get %(fallback)s.")
        messages.success(request, words % {"language": state.name, "fallback": state.fallback})
        return redirect("staff:survey-language", slug, code)
    said = {e.text.place: " ".join(request.POST.get(e.text.place, "").split())
            for e in state.entries if e.text.place in request.POST}  # fmt: skip
    if problems := translating.problems(state, said):
        return _draw(request, survey, state, said=said, problems=problems)
    _save(request, survey, code, said, do)
    return redirect("staff:survey-language", slug, code)


def _state(survey: Survey, code: str) -> LanguageState:
    state = next((state for state in states_of(survey) if state.code == code), None)
    if state is None:
        raise Http404
    return state


def _save(request: HttpRequest, survey: Survey, code: str, said: dict[str, str], do: str) -> None:
    translating.store(survey, code, said)
    if do == "confirm":
        translating.confirm(survey, code)
    name = name_of(code)
    if do != "open":
        messages.success(request, _("Saved."))
        return
    try:
        translating.set_open(survey, code, is_open=True)
    except translating.Incomplete:
        state = _state(survey, code)
        words = _("Saved, but %(language)s cannot be opened yet: %(count)s still to be translated.")
        messages.error(request, words % {"language": name, "count": state.missing})
    else:
        messages.success(request, _("Saved. %(language)s is open.") % {"language": name})


def _draw(
    request: HttpRequest,
    survey: Survey,
    state: LanguageState,
    *,
    said: dict[str, str],
    problems: dict[str, str],
) -> HttpResponse:
    lines = [
        Line(
            entry,
            f"t-{number}",
            said.get(entry.text.place, entry.said),
            problems.get(entry.text.place, ""),
        )
        for number, entry in enumerate(state.entries)
    ]
    groups = [
        (name, list(rows)) for name, rows in groupby(lines, lambda line: line.entry.text.group)
    ]
    context = _context(
        survey,
        state=state,
        groups=groups,
        has_problems=bool(problems),
        direction=direction_of(state.code),
        own_direction=direction_of(survey.language),
        preview_language=state.code,
    )
    status = 422 if problems else 200
    return render(request, "surveys/staff/language.html", context, status=status)
