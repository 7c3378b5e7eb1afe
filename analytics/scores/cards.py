"""The cards of a survey's dashboard, drawn once for everything they follow from.

Drawing them is most of the page's time. What stands beside them and moves by
itself (comments, targets, what waits for somebody) is never part of a card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.lines import Mark
from analytics.periods import query_of
from analytics.scores import findings
from analytics.scores import survey_panels as parts
from analytics.scores import theme_panels as themes
from analytics.scores.explain import explain_rate, explain_score
from analytics.scores.models import Snapshot
from analytics.scores.month_panels import month_rows, months_finding
from analytics.scores.months import months_of
from analytics.scores.panels import inbox_url, joined, survey_url, trend_drawings
from analytics.scores.shapes import Basis, SurveyReport
from analytics.scores.slices import WHOLE
from outbox.staff.attention import address

KEPT = 32
"""Pages whose cards are kept in each process, those asked for last: some 100 kB each."""
_CARDS = ("score", "trend", "themes", "voices")


@dataclass(frozen=True, slots=True)
class Look:
    """All that the cards of one page follow from: two equal ones are drawn alike.

    `basis` stands for the report, its language included; None where it may not be kept.
    """

    report: SurveyReport = field(compare=False)
    basis: Basis | None
    slug: str
    theme: str
    marks: tuple[Mark, ...]
    may_see_money: bool
    on: date
    closed: tuple[Snapshot, ...]  # never changed once they are there


def cards(look: Look) -> Mapping[str, SafeString]:
    """Return the cards by name: score, trend, themes and voices."""
    return _draw(look) if look.basis is None else _kept(look)


def _draw(look: Look) -> Mapping[str, SafeString]:
    context = {
        **_score(look.report),
        **_trend(look),
        **_themes(look),
        **_voices(look.report),
        **_months(look),
    }
    return {name: render_to_string(f"staff/survey_{name}.html", context) for name in _CARDS}


_kept = lru_cache(maxsize=KEPT)(_draw)


def _score(report: SurveyReport) -> dict[str, Any]:
    head, funnel = report.headline, report.funnel
    slug, kept = head.survey.slug, head.part.query
    return {
        "is_part": bool(kept),
        "score": figures.score_view(head.score),
        "answers_url": inbox_url(head.period, survey=slug, **kept),
        "change": findings.change_words(head.change),
        "channels": parts.channel_rows(report),
        "ruler": parts.ruler_panel(head),
        "explanation": explain_score(head),
        "held": findings.held_sentence(head.held, head.score, head.with_held),
        "held_url": inbox_url(head.period, survey=slug, show="held"),
        "funnel": funnel,
        "funnel_finding": findings.funnel_finding(funnel)
        if head.part.invited
        else _("Invitations cannot be told apart by what was written"),
        "funnel_steps": parts.funnel_steps(funnel, head) if funnel else [],
        "rate_explanation": explain_rate(funnel) if funnel else None,
    }


def _trend(look: Look) -> dict[str, Any]:
    report = look.report
    head, trend = report.headline, report.trend
    return {
        "trend_finding": findings.trend_finding(trend, head.change),
        "trend": trend_drawings(head, trend, more=look.marks),
        "trend_rows": parts.trend_rows(report),
        "bars": parts.distribution_bars(report),
        "distribution_finding": findings.distribution_finding(report.distribution, head.score.n),
        "bands": parts.band_rows(report),
    }


def _themes(look: Look) -> dict[str, Any]:
    report = look.report
    head, split = report.headline, report.sentiment
    rows = themes.theme_rows(report, chosen=look.theme)
    money = address("staff:theme-money", urlencode(query_of(head.period)), head.survey.slug)
    return {
        "themes_finding": findings.themes_finding(
            report.themes or (), split.comments if split else 0
        ),
        "comment_count": figures.count_text(split.comments) if split else "",
        "maps": themes.theme_maps(report),
        "theme_base": joined(survey_url(head.survey, head.period, **head.part.query)),
        "themes": [row for row in rows if row.margin],
        "rare_themes": [row for row in rows if not row.margin],
        "money_url": money if look.may_see_money else "",
    }


def _voices(report: SurveyReport) -> dict[str, Any]:
    split = report.sentiment
    return {
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


def _months(look: Look) -> dict[str, Any]:
    head = look.report.headline
    if head.part != WHOLE:  # only the whole is closed
        return {}
    months = months_of(head.survey, look.on, closed=look.closed)
    return {"months": month_rows(head.survey, months), "months_finding": months_finding(months)}
