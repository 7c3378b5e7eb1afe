"""The page of all themes: what people write about, and whether it is more than before."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.scores.panels import inbox_url
from analytics.scores.theme_volumes import PERIOD_DAYS, ThemeVolume, Volumes, theme_volumes
from feedback import rereading
from feedback.models import Theme
from feedback.suggestions import open_suggestions
from feedback.teaching.frame import theme_tabs
from outbox.staff.pages import staff_page


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One row, in words; `moved_kind` is more, less, new or "" for chance."""

    theme: Theme
    count: str
    share: str
    before: str
    share_before: str
    moved: str
    moved_kind: str
    negative: str
    url: str
    before_url: str
    negative_url: str


@require_safe
@staff_page("feedback.view_theme")
def themes(request: HttpRequest) -> HttpResponse:
    """What do people write about, and is it more than before?"""
    found = theme_volumes()
    context = {
        "tabs": theme_tabs("themes", waiting=open_suggestions().count()),
        "finding": finding(found),
        "lines": [_line(one, found) for one in found.themes],
        "comments": figures.count_text(found.comments),
        "days": PERIOD_DAYS,
        "running": rereading.running(),
    }
    return render(request, "analytics/themes.html", context)


def finding(found: Volumes) -> str:
    """Return the title: a theme that moved, else the one most named."""
    real = [one for one in found.themes if one.is_real and (one.change.delta or 0) > 0]
    if real:
        most = max(real, key=lambda one: one.change.delta or 0.0)
        return _("More people write about %s than before") % most.theme.name
    if found.themes and found.themes[0].count:
        return _("People write most about %s") % found.themes[0].theme.name
    return _("Themes")


def _line(one: ThemeVolume, found: Volumes) -> ThemeLine:
    kind = _moved_kind(one, found)
    return ThemeLine(
        theme=one.theme,
        count=figures.count_text(one.count),
        share=_share(one.count, found.comments),
        before=figures.count_text(one.before),
        share_before=_share(one.before, found.comments_before),
        moved=_MOVED[kind](),
        moved_kind=kind,
        negative=figures.count_text(one.negative) if one.count else "",
        url=inbox_url(found.period, theme=one.theme.slug),
        before_url=inbox_url(found.period.before, theme=one.theme.slug),
        negative_url=inbox_url(found.period, theme=one.theme.slug, sentiment="negative"),
    )


def _share(count: int, whole: int) -> str:
    return figures.share_text(count / whole, decimals=1) if whole else ""


def _moved_kind(one: ThemeVolume, found: Volumes) -> str:
    if not found.comments_before or not (one.count or one.before):
        return "none"
    if one.is_real:
        return "more" if (one.change.delta or 0.0) > 0 else "less"
    return "new" if one.count and not one.before else "unclear"


_MOVED = {
    "more": lambda: _("▲ more, real"),
    "less": lambda: _("▼ less, real"),
    "new": lambda: _("new this period"),
    "unclear": lambda: _("no clear change"),
    "none": lambda: "",
}
