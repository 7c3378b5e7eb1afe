"""Themes: the list with its trend, the editor with its trial, presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from feedback import theme_editor
from feedback.models import Theme
from feedback.suggestions import open_suggestions
from feedback.teaching.frame import Quote, quote, theme_tabs, user_name
from feedback.teaching_forms import ThemeForm
from feedback.text.presets import INDUSTRY_PRESETS
from feedback.theme_editor import LISTS, Match, Trial, entries_of, try_out
from outbox.staff.pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.view_theme")
def new_theme(request: HttpRequest) -> HttpResponse:
    """A theme from nothing, or prefilled by the explorer."""
    initial: dict[str, Any] = {"name": request.GET.get("name", "")[:80]}
    for name in LISTS:
        initial[name] = entries_of(request.GET.get(name, "")[:2000].replace(",", "\n"))
    return _editor(request, None, initial)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.view_theme")
def edit_theme(request: HttpRequest, slug: str) -> HttpResponse:
    return _editor(request, get_object_or_404(Theme, slug=slug), None)


def _editor(
    request: HttpRequest, theme: Theme | None, initial: dict[str, Any] | None
) -> HttpResponse:
    """Show the editor; "try" shows what the rule finds, "save" stores it."""
    about: dict[str, Any] = {"theme": theme} if initial is None else {"initial": initial}
    form = ThemeForm(request.POST or None, **about)
    is_valid = request.method == "POST" and form.is_valid()
    if is_valid and "save" in request.POST:
        if not request.user.has_perm("feedback.change_theme"):
            raise PermissionDenied
        saved = theme_editor.save(form.draft, theme=theme, by=user_name(request))
        messages.success(request, _("“%s” is saved; past comments are read again.") % saved.name)
        return redirect("staff:themes")
    context = {
        "theme": theme,
        "form": form,
        "fields": [form[name] for name in LISTS],
        "trial": _shown_trial(_trial(form, theme)),
    }
    return render(request, "feedback/teaching/theme.html", context)


def _trial(form: ThemeForm, theme: Theme | None) -> Trial | None:
    """Try out what can be: a rule without problems, whatever its name."""
    if form.is_bound:
        is_sound = not (set(form.errors) & set(LISTS))
        return try_out(form.draft, theme=theme) if is_sound else None
    return try_out(theme_editor.draft_of(theme), theme=theme) if theme else None


@dataclass(frozen=True, slots=True)
class ShownTrial:
    """A trial with its examples as quotes."""

    trial: Trial
    gained: list[Quote]
    lost: list[Quote]
    kept: list[Quote]


def _shown_trial(trial: Trial | None) -> ShownTrial | None:
    if trial is None:
        return None

    def quotes(matches: Any) -> list[Quote]:
        return [_quote(match) for match in matches]

    return ShownTrial(
        trial,
        quotes(trial.gained_examples),
        quotes(trial.lost_examples),
        quotes(trial.kept_examples),
    )


def _quote(match: Match) -> Quote:
    return quote(match.response, match.pieces)


@require_POST
@staff_page("feedback.change_theme")
def switch_theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one theme into use or out of it."""
    theme = get_object_or_404(Theme, slug=slug)
    is_active = request.POST.get("active") == "1"
    if theme_editor.switch([theme], is_active=is_active, by=user_name(request)):
        said = _("“%s” is in use.") if is_active else _("“%s” is switched off.")
        messages.success(request, said % theme.name)
    return redirect("staff:themes")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.delete_theme")
def delete_theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete an own theme, after saying what goes with it."""
    theme = get_object_or_404(Theme, slug=slug, is_seeded=False)
    if request.method == "POST":
        theme_editor.delete(theme, by=user_name(request))
        messages.success(request, _("“%s” is deleted.") % theme.name)
        return redirect("staff:themes")
    count = theme.mentions.values("response").distinct().count()
    context = {"theme": theme, "count": count}
    return render(request, "feedback/teaching/theme_delete.html", context)


_PRESET_NAMES = {
    "general": gettext_lazy("Everything"),
    "saas": gettext_lazy("Software"),
    "retail": gettext_lazy("Shops"),
    "banking": gettext_lazy("Banking"),
    "travel": gettext_lazy("Travel"),
    "restaurant": gettext_lazy("Restaurants"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.view_theme")
def presets(request: HttpRequest) -> HttpResponse:
    """Which themes suit this business?"""
    if request.method == "POST":
        return _use_preset(request)
    names = {theme.slug: theme for theme in Theme.objects.filter(is_seeded=True)}
    context = {
        "tabs": theme_tabs("theme-presets", waiting=open_suggestions().count()),
        "presets": [
            (key, preset_name(key), [names[slug] for slug in slugs if slug in names])
            for key, slugs in INDUSTRY_PRESETS.items()
        ],
    }
    return render(request, "feedback/teaching/presets.html", context)


def preset_name(key: str) -> str:
    return str(_PRESET_NAMES.get(key, key.title()))


def _use_preset(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("feedback.change_theme"):
        raise PermissionDenied
    name = request.POST.get("preset", "")
    if name not in INDUSTRY_PRESETS:
        messages.error(request, _("Choose one of the lists."))
        return redirect("staff:theme-presets")
    only = request.POST.get("only") == "1"
    on, off = theme_editor.use_preset(name, only=only, by=user_name(request))
    said = {"on": on, "off": off}
    messages.success(request, _("%(on)s themes switched on, %(off)s switched off.") % said)
    return redirect("staff:themes")


def new_theme_address(*, name: str, words: list[str]) -> str:
    """Return the address of the editor with a theme already written in."""
    return f"{reverse('staff:theme-new')}?{urlencode({'name': name, 'words': ','.join(words)})}"
