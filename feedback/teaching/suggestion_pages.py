"""Suggested themes, and groups of similar comments on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feedback import suggestions as shelf
from feedback.marking import marked_forms
from feedback.models import Response, Theme, ThemeSuggestion
from feedback.suggestions import AlreadyDecided, Example
from feedback.teaching.frame import Quote, grouped, quote, theme_tabs, user_name
from feedback.teaching.theme_pages import new_theme_address
from feedback.teaching_forms import ExplorerForm
from feedback.text.explorer import MOST_COMMENTS, Group, explore
from feedback.theme_editor import problems_of
from outbox.staff.pages import staff_page

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion as a person decides on it."""

    suggestion: ThemeSuggestion
    words: str
    name: str
    quotes: list[Quote]


@require_safe
@staff_page("feedback.view_themesuggestion")
def suggestions(request: HttpRequest) -> HttpResponse:
    """Which subjects do many comments share that no theme holds?"""
    waiting = list(shelf.open_suggestions())
    examples = shelf.examples_of(waiting, most=_EXAMPLES)
    last_at, is_coming = shelf.last_refreshed()
    context = {
        "tabs": theme_tabs("theme-suggestions", waiting=len(waiting)),
        "offers": [
            Offer(
                one,
                offer_words(one),
                name_of(one.phrase, examples[one.pk]),
                [quote(example.response, example.pieces) for example in examples[one.pk]],
            )
            for one in waiting
        ],
        "themes": Theme.objects.values_list("slug", "name"),
        "dismissed": ThemeSuggestion.objects.filter(state=ThemeSuggestion.State.DISMISSED)[:50],
        "last_at": last_at,
        "is_coming": is_coming,
    }
    return render(request, "feedback/teaching/suggestions.html", context)


def name_of(phrase: str, examples: Sequence[Example]) -> str:
    """Return a name to offer: as customers write an abbreviation, else with a capital."""
    written = [piece.text for one in examples for piece in one.pieces if piece.is_marked]
    capitals = [text for text in written if text.isupper()]
    return capitals[0] if 2 * len(capitals) > len(written) else phrase.capitalize()


def offer_words(one: ThemeSuggestion) -> str:
    """Return "23 comments in 30 days, +180 % on the 30 before"."""
    n = one.comments
    said = ngettext("%s comment in 30 days", "%s comments in 30 days", n) % grouped(n)
    if one.growth is None:
        return f"{said}, {_('none in the 30 before')}"
    percent = round(100 * one.growth)
    if not percent:
        return f"{said}, {_('as often as before')}"
    sign = "+" if percent > 0 else "−"
    return f"{said}, {_('%s on the 30 before') % f'{sign}{grouped(abs(percent))} %'}"


@require_POST
@staff_page("feedback.change_themesuggestion")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, merge, dismiss, or take a dismissal back."""
    suggestion = get_object_or_404(ThemeSuggestion, pk=pk)
    try:
        messages.success(request, _decided(request, suggestion))
    except AlreadyDecided:
        messages.warning(request, _("Somebody has decided on this one already."))
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("staff:theme-suggestions")


def _decided(request: HttpRequest, suggestion: ThemeSuggestion) -> str:
    """Do what the pressed button says and return what was done; ValueError where it cannot be."""
    by, verb = user_name(request), request.POST.get("do", "")
    if verb == "accept":
        name = request.POST.get("name", "").strip()[:80]
        problems = problems_of(shelf.draft_for(suggestion, name=name))
        if problems:
            raise ValueError(problems[0].message)
        made = shelf.accept(suggestion, name=name, by=by)
        return _("“%s” is a theme now; past comments are read again.") % made.name
    if verb == "merge":
        theme = Theme.objects.filter(slug=request.POST.get("theme", "")).first()
        if theme is None:
            raise ValueError(_("Choose the theme it belongs to."))
        shelf.merge(suggestion, theme, by=by)
        words = {"phrase": suggestion.phrase, "theme": theme.name}
        return _("“%(phrase)s” belongs to “%(theme)s” now; past comments are read again.") % words
    if verb == "reopen":
        shelf.reopen(suggestion)
        return _("“%s” is offered again.") % suggestion.phrase
    shelf.dismiss(suggestion, by=by)
    return _("“%s” will not be offered again.") % suggestion.phrase


@require_POST
@staff_page("feedback.change_themesuggestion")
def refresh(request: HttpRequest) -> HttpResponse:
    """Have the comments looked through now."""
    shelf.ask_for_refresh()
    messages.success(request, _("Comments are looked through in the background."))
    return redirect("staff:theme-suggestions")


# ---- Explorer --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownGroup:
    words: tuple[str, ...]
    count: int
    quotes: list[Quote]
    theme_url: str


@require_http_methods(["GET", "HEAD"])
@staff_page("feedback.view_theme")
def explorer(request: HttpRequest) -> HttpResponse:
    """Which comments use similar words? Nothing is changed by looking."""
    form = ExplorerForm(request.GET or None, initial={"days": 90, "groups": 8})
    context: dict[str, object] = {
        "tabs": theme_tabs("theme-explorer", waiting=shelf.open_suggestions().count()),
        "form": form,
    }
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        comments, count = _slice(survey=said["survey"], days=said["days"])
        groups = explore([text for _pk, text in comments], groups=said["groups"])
        context |= {
            "is_done": True,
            "looked_at": len(comments),
            "count": count,
            "groups": _shown(groups, comments),
        }
    return render(request, "feedback/teaching/explorer.html", context)


def _slice(*, survey: str, days: int | None) -> tuple[list[tuple[int, str]], int]:
    """Return the newest English comments asked for, and how many there are in all."""
    found = Response.objects.exclude(comment="").filter(
        standing=Response.Standing.COUNTED, reading__language="en"
    )
    if survey:
        found = found.filter(survey__slug=survey)
    if days:
        found = found.filter(submitted_at__gte=timezone.now() - timedelta(days=days))
    newest = found.order_by("-submitted_at", "-id").values_list("pk", "comment")
    return list(newest[:MOST_COMMENTS]), found.count()


def _shown(groups: list[Group], comments: list[tuple[int, str]]) -> list[ShownGroup]:
    chosen = {comments[i][0] for group in groups for i in group.comments[:_EXAMPLES]}
    responses = Response.objects.select_related("survey").in_bulk(chosen)
    return [
        ShownGroup(
            group.words,
            len(group.comments),
            [
                quote(responses[pk], marked_forms(responses[pk].comment, group.words))
                for pk in (comments[i][0] for i in group.comments[:_EXAMPLES])
                if pk in responses
            ],
            new_theme_address(name=group.words[0].capitalize(), words=list(group.words)),
        )
        for group in groups
    ]
