"""The screens that show numbers: home, and one per survey."""

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
from analytics.periods import BadPeriod, Period, period_named, query_of, read_period, today
from analytics.scores import findings
from analytics.scores import survey_panels as parts
from analytics.scores import theme_panels as themes
from analytics.scores.combining import TooMany
from analytics.scores.explain import explain_rate, explain_score
from analytics.scores.filtering import filter_options, part_words, selects
from analytics.scores.panels import (
    compare_url,
    export_url,
    inbox_url,
    period_choices,
    period_label,
    row_panel,
    spark_days,
    survey_url,
    trend_drawings,
)
from analytics.scores.reports import home_report, survey_report
from analytics.scores.shapes import HomeReport, SurveyReport
from analytics.scores.slices import NAMES, UnknownPart, read_slice
from analytics.scores.start import first_steps
from feedback.highlights import Comment, comments_behind, comments_to_read
from feedback.inbox import Filters
from outbox.staff.attention import address, needs_of
from outbox.staff.pages import staff_page
from surveys.models import Survey


def asked_period(request: HttpRequest) -> Period:
    """Return the period of the address; an impossible one is said and the default taken."""
    try:
        return read_period(request.GET)
    except BadPeriod as error:
        messages.warning(request, _("That time could not be understood: %s") % error)
        return period_named("13w")


@require_safe
@staff_page()
def home(request: HttpRequest) -> HttpResponse:
    """What changed, is it real, and who needs me now?"""
    period = asked_period(request)
    report = home_report(period)
    needs = needs_of(request)
    may_read = request.user.has_perm("feedback.view_response")
    return render(
        request,
        "staff/home.html",
        {
            "today": today(),
            "period": period_choices(request.path, period, {}),
            "period_words": period_label(period),
            "headline": findings.home_headline(
                report, waiting=sum(len(items) for _, items in needs)
            ),
            "rows": [row_panel(row, period) for row in report.rows],
            "spark_head": spark_days(report.rows, period),
            "held": _most_changed_by_machines(report),
            "held_url": inbox_url(show="held"),
            "needs": needs,
            "comments": comments_to_read() if may_read else [],
            "steps": first_steps() if not _has_answers(report) else [],
        },
    )


def _has_answers(report: HomeReport) -> bool:
    return any(row.headline.received for row in report.rows)


def _most_changed_by_machines(report: HomeReport) -> str:
    """Return the sentence on the survey whose score machine votes would have moved most."""
    heads = [row.headline for row in report.rows if row.headline.held]
    if not heads:
        return ""

    def moved(head: Any) -> float:
        if head.score.value is None or head.with_held.value is None:
            return 0.0
        return abs(float(head.with_held.value) - float(head.score.value))

    worst = max(heads, key=moved)
    total = sum(head.held for head in heads)
    if len(heads) == 1:
        return findings.held_sentence(worst.held, worst.score, worst.with_held)
    if worst.score.value is None or worst.with_held.value is None:
        return findings.held_sentence(total, worst.score, worst.with_held)
    return _(
        "%(n)s machine votes are held. Counted, %(survey)s would read %(would)s, not %(is)s."
    ) % {
        "n": figures.count_text(total),
        "survey": worst.survey.name,
        "would": figures.value_text(worst.with_held.value, worst.with_held.unit),
        "is": figures.value_text(worst.score.value, worst.score.unit),
    }


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
    return render(request, "staff/survey.html", _survey_context(request, report, theme, comments))


def unknown_words(error: UnknownPart) -> str:
    names = {
        "segment": _("There is no segment “%s”. It is left out."),
        "channel": _("There is no channel “%s”. It is left out."),
        "language": _("“%s” is not a language. It is left out."),
        "theme": _("There is no theme “%s”. It is left out."),
        "sentiment": _("There is no sentiment “%s”. It is left out."),
    }
    return names[error.name] % error.value[:60]


def too_many_words(error: TooMany) -> str:
    return _(
        "These filters together may hold %(n)s answers; at most %(most)s are combined on the "
        "spot. Choose a shorter time or one filter."
    ) % {"n": figures.count_text(error.count), "most": figures.count_text(error.limit)}


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
    request: HttpRequest, report: SurveyReport, theme: str, comments: list[Comment]
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
        "funnel_steps": parts.funnel_steps(report.funnel) if report.funnel else [],
        "rate_explanation": explain_rate(report.funnel) if report.funnel else None,
        "trend_finding": findings.trend_finding(trend, head.change),
        "trend": trend_drawings(head, trend),
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
