"""The screen of one survey: how do they feel about it, and why?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.charts.lines import Mark
from analytics.periods import query_of, today
from analytics.scores import findings
from analytics.scores.beside import beside
from analytics.scores.cards import Look, cards
from analytics.scores.combining import TooMany
from analytics.scores.filtering import FilterMenu, part_words, report_options, selects
from analytics.scores.months import closed_months
from analytics.scores.panels import (
    compare_url,
    export_url,
    inbox_url,
    joined,
    period_choices,
    survey_url,
)
from analytics.scores.reports import survey_report
from analytics.scores.shapes import SurveyReport
from analytics.scores.slices import NAMES, UnknownPart, read_slice
from analytics.scores.wishes import asked_period, too_many_words, unknown_words
from feedback.highlights import Comment, comments_behind
from feedback.inbox import Filters
from outbox.prepared import Lookup
from outbox.staff.attention import address
from outbox.staff.pages import staff_page
from surveys.models import Survey

# The page people open every morning: its first query is written once.
_BY_SLUG = Lookup(
    lambda slug: Survey.objects.select_related("brand").defer("brand__logo").filter(slug=slug)
)


@require_safe
@staff_page("surveys.view_survey")
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """How do they feel about it, and why?"""
    shown = _BY_SLUG.get(slug)
    if shown is None:
        raise Http404(slug)
    period = asked_period(request)
    try:
        report = survey_report(shown, period, part=read_slice(request.GET))
    except UnknownPart as error:
        messages.warning(request, unknown_words(error))
        return redirect(survey_url(shown, period, **_others(request, error.name)))
    except TooMany as error:
        messages.warning(request, too_many_words(error))
        return redirect(survey_url(shown, period))
    theme = _chosen_theme(request, report)
    near = beside(request, shown, period)
    context = {
        **_survey_context(request, report),
        "targets": near.lines,
        "cards": cards(_look(request, report, theme, near.marks)),
        "feed": _feed(report, theme, _comments(request, report, theme)),
    }
    return render(request, "staff/survey.html", context)


def _look(request: HttpRequest, report: SurveyReport, theme: str, marks: tuple[Mark, ...]) -> Look:
    survey, on = report.headline.survey, today()
    return Look(
        report,
        report.basis,
        slug=survey.slug,
        theme=theme,
        marks=marks,
        may_see_money=request.user.has_perm("success.view_subscriptionstate"),
        on=on,
        closed=closed_months(survey, on),
    )


def _others(request: HttpRequest, name: str) -> dict[str, str]:
    return {key: request.GET.get(key, "") for key in NAMES if key != name}


def _filter_menu(request: HttpRequest, report: SurveyReport) -> FilterMenu:
    head = report.headline
    options = report_options(report)
    return FilterMenu(
        request.path,
        tuple(query_of(head.period).items()),
        selects(head.part, options),
        tuple(
            (words, survey_url(head.survey, head.period, **head.part.without(name).query))
            for name, words in part_words(head.part, options)
        ),
    )


def _chosen_theme(request: HttpRequest, report: SurveyReport) -> str:
    """Return the theme asked for, else the one that pulls most, "" for all comments."""
    if report.headline.part.theme:
        return report.headline.part.theme
    known = {theme.slug for theme in report.themes or ()}
    asked = request.GET.get("feed")
    if asked is not None:
        return asked if asked in known else ""
    clear = findings.clear_themes(report.themes or ())
    return clear[0].slug if clear else ""


def _comments(request: HttpRequest, report: SurveyReport, theme: str) -> list[Comment]:
    if not request.user.has_perm("feedback.view_response"):
        return []
    head = report.headline
    return comments_behind(
        replace(
            Filters(**head.part.query),  # type: ignore[arg-type]
            survey=head.survey.slug,
            theme=theme,
            since=head.period.start.isoformat(),
            until=head.period.last.isoformat(),
            show="commented",
        )
    )


def _survey_context(request: HttpRequest, report: SurveyReport) -> dict[str, Any]:
    head = report.headline
    survey, period = head.survey, head.period
    kept = head.part.query
    return {
        "survey": survey,
        "kind": survey.scale.name,
        "days": figures.days_text(period.start, period.last),
        "period": period_choices(request.path, period, kept),
        "filters": _filter_menu(request, report),
        "compare_url": compare_url(head),
        "edit_url": address("staff:survey-edit", "", survey.slug),
        "answers_url": inbox_url(period, survey=survey.slug, **kept),
        "export_url": export_url(period, survey=survey.slug, **kept),
        "digest_url": address("staff:digests", urlencode({"survey": survey.slug, **kept})),
        "has_themes": report.themes is not None,
    }


def _feed(report: SurveyReport, theme: str, comments: list[Comment]) -> dict[str, Any]:
    """Return the comments beside the map, with the filters that lead on."""
    head = report.headline
    found = next((item for item in report.themes or () if item.slug == theme), None)
    behind = {"survey": head.survey.slug, **(head.part.query | {"theme": theme})}
    every = inbox_url(head.period, **behind, show="commented")
    if found is None:
        title = _("The newest comments")
    else:
        count = figures.count_text(found.count)
        title = _("%(count)s comments on %(theme)s") % {"count": count, "theme": found.name}
    return {
        "title": title,
        "theme": found.name if found else "",
        "clear_url": joined(survey_url(head.survey, head.period, **head.part.query))
        + "feed=#comments",
        "speaks": [
            (
                tone,
                words % figures.count_text(found.sentiments[tone]),
                inbox_url(head.period, **(behind | {"sentiment": tone})),
            )
            for tone, words in (("negative", _("bad %s")), ("positive", _("good %s")))
            if found.sentiments[tone]
        ]
        if found
        else [],
        "comments": comments,
        "url": every,
    }
