"""The screen of one survey: how do they feel about it, and why?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.periods import query_of, today
from analytics.scores import findings
from analytics.scores import survey_panels as parts
from analytics.scores import theme_panels as themes
from analytics.scores.beside import Beside, beside
from analytics.scores.combining import TooMany
from analytics.scores.explain import explain_rate, explain_score
from analytics.scores.filtering import filter_options, part_words, selects
from analytics.scores.month_panels import month_rows, months_finding
from analytics.scores.months import months_of
from analytics.scores.panels import (
    compare_url,
    export_url,
    inbox_url,
    period_choices,
    survey_url,
    trend_drawings,
)
from analytics.scores.reports import survey_report
from analytics.scores.shapes import SurveyReport
from analytics.scores.slices import NAMES, WHOLE, UnknownPart, read_slice
from analytics.scores.wishes import asked_period, too_many_words, unknown_words
from feedback.highlights import Comment, comments_behind
from feedback.inbox import Filters
from outbox.staff.attention import address
from outbox.staff.pages import staff_page
from surveys.models import Survey


@require_safe
@staff_page("surveys.view_survey")
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """How do they feel about it, and why?"""
    shown = get_object_or_404(Survey.objects.select_related("brand"), slug=slug)
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
    comments = _comments(request, report, theme)
    near = beside(request, shown, period)
    context = _survey_context(request, report, theme, comments, near=near)
    if report.headline.part == WHOLE:  # only the whole is closed
        months = months_of(shown, today())
        context["months"] = month_rows(shown, months)
        context["months_finding"] = months_finding(months)
    return render(request, "staff/survey.html", context)


def _others(request: HttpRequest, name: str) -> dict[str, str]:
    return {key: request.GET.get(key, "") for key in NAMES if key != name}


def _filter_panel(request: HttpRequest, report: SurveyReport) -> dict[str, Any]:
    head, options = report.headline, filter_options()
    return {
        "path": request.path,
        "kept": query_of(head.period).items(),
        "selects": selects(head.part, options),
        "chips": [
            (words, survey_url(head.survey, head.period, **head.part.without(name).query))
            for name, words in part_words(head.part, options)
        ],
    }


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


def _survey_context(
    request: HttpRequest,
    report: SurveyReport,
    theme: str,
    comments: list[Comment],
    *,
    near: Beside,
) -> dict[str, Any]:
    head, trend = report.headline, report.trend
    survey, period = head.survey, head.period
    kept = head.part.query
    split = report.sentiment
    rows = themes.theme_rows(report, chosen=theme)
    return {
        "survey": survey,
        "kind": survey.scale.name,
        "days": figures.days_text(period.start, period.last),
        "period": period_choices(request.path, period, kept),
        "filters": _filter_panel(request, report),
        "compare_url": compare_url(head),
        "edit_url": address("staff:survey-edit", "", survey.slug),
        "money_url": address("staff:theme-money", urlencode(query_of(period)), survey.slug),
        "answers_url": inbox_url(period, survey=survey.slug, **kept),
        "export_url": export_url(period, survey=survey.slug, **kept),
        "digest_url": address("staff:digests", urlencode({"survey": survey.slug, **kept})),
        "score": figures.score_view(head.score),
        "change": findings.change_words(head.change),
        "ruler": parts.ruler_panel(head),
        "explanation": explain_score(head),
        "held": findings.held_sentence(head.held, head.score, head.with_held),
        "held_url": inbox_url(period, survey=survey.slug, show="held"),
        "funnel": report.funnel,
        "funnel_finding": findings.funnel_finding(report.funnel)
        if head.part.invited
        else _("Invitations cannot be told apart by what was written"),
        "funnel_steps": parts.funnel_steps(report.funnel, head) if report.funnel else [],
        "rate_explanation": explain_rate(report.funnel) if report.funnel else None,
        "trend_finding": findings.trend_finding(trend, head.change),
        "targets": near.lines,
        "trend": trend_drawings(head, trend, more=near.marks),
        "trend_rows": parts.trend_rows(report),
        "bars": parts.distribution_bars(report),
        "distribution_finding": findings.distribution_finding(report.distribution, head.score.n),
        "bands": parts.band_rows(report),
        "has_themes": report.themes is not None,
        "themes_finding": findings.themes_finding(
            report.themes or (), split.comments if split else 0
        ),
        "comment_count": figures.count_text(split.comments) if split else "",
        "maps": themes.theme_maps(report),
        "theme_base": _joined(survey_url(survey, period, **kept)),
        "themes": [row for row in rows if row.margin],
        "rare_themes": [row for row in rows if not row.margin],
        "feed": _feed(report, theme, comments),
        "praise": themes.praise_rows(report),
        "split": split,
        "sentiment_finding": findings.sentiment_finding(split) if split else "",
        "sentiments": parts.sentiment_bars(report, split) if split else [],
        "coverage": figures.share_text(split.coverage.value)
        if split and split.coverage.value is not None
        else "",
        "segments": parts.segment_rows(report),
        "segments_finding": findings.segments_finding(report.segments),
    }


def _joined(url: str) -> str:
    """Return an address to which one more parameter can be appended."""
    return url + ("&" if "?" in url else "?")


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
        "clear_url": _joined(survey_url(head.survey, head.period, **head.part.query))
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
