"""The parts of a survey's dashboard, ready for its template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.bars import Column, axis_for, draw_columns, draw_lengths
from analytics.charts.ruler import Ruler, Span, draw_ruler
from analytics.periods import Period
from analytics.scores import findings
from analytics.scores.markers import place_of, whisker_of
from analytics.scores.panels import asked_url, bounds_of, inbox_url, survey_url
from analytics.scores.shapes import (
    Funnel,
    ScoreReport,
    SegmentReport,
    SentimentSplit,
    SurveyReport,
)
from analytics.statistics.result import Result
from surveys.models import Invitation

_TONE_SIGNS = {"positive": "+", "mixed": "±", "neutral": "○", "negative": "−", "unscored": "?"}


def ruler_panel(report: ScoreReport) -> dict[str, Any] | None:
    """Return now and before on one line; None when there is no score to place."""
    now = _span(report.score)
    if now is None:
        return None
    before = _span(report.before)
    bounds = bounds_of(report.survey)
    drawing: Ruler = draw_ruler(
        now, before, bounds=(bounds.low, bounds.high), least=2 * bounds.least
    )
    unit = report.score.unit
    texts = {
        "now": figures.value_text(now.value, unit),
        "before": figures.value_text(before.value, unit) if before else "",
        "low": figures.value_text(drawing.ends[0], unit),
        "high": figures.value_text(drawing.ends[1], unit),
    }
    label = _("Now %(score)s, likely %(range)s.") % {
        "score": texts["now"],
        "range": figures.interval_text(report.score),
    }
    if before:
        label += " " + _("Before %(score)s, likely %(range)s.") % {
            "score": texts["before"],
            "range": figures.interval_text(report.before),
        }
    return {"drawing": drawing, "texts": texts, "label": label}


def _span(result: Result) -> Span | None:
    if result.value is None or result.interval is None:
        return None
    return Span(float(result.value), float(result.interval.low), float(result.interval.high))


@dataclass(frozen=True, slots=True)
class FunnelStep:
    name: str
    count: str
    note: str
    column: Column
    length: str
    url: str
    is_estimate: bool = False


def step_names() -> dict[str, str]:
    return {
        "sent": _("Sent"),
        "delivered": _("Delivered"),
        "opened": _("Opened"),
        "answered": _("Answered"),
        "commented": _("Commented"),
    }


def step_counts(funnel: Funnel) -> dict[str, int]:
    return {step: getattr(funnel, step) for step in step_names()}


def funnel_steps(funnel: Funnel, head: ScoreReport) -> list[FunnelStep]:
    """Return the five steps; opens are a lower bound, hence an estimate."""
    counts = list(step_counts(funnel).values())
    columns, lengths = draw_columns(counts, of=funnel.sent), draw_lengths(counts, of=funnel.sent)
    notes = (
        "",
        _share_of(funnel.delivered, funnel.sent, _("%s of sent")),
        _share_of(funnel.opened, funnel.delivered, _("at least %s")),
        _share_of(funnel.answered, funnel.delivered, _("%s of delivered")),
        _share_of(funnel.commented, funnel.answered, _("%s of answers")),
    )
    return [
        FunnelStep(
            name,
            figures.count_text(count),
            note,
            column,
            length,
            asked_url(head.survey, head.period, head.part, step=step),
            is_estimate=step == "opened",
        )
        for (step, name), count, note, column, length in zip(
            step_names().items(), counts, notes, columns, lengths, strict=True
        )
    ]


def _share_of(count: int, whole: int, words: str) -> str:
    return words % figures.share_text(count / whole, decimals=1) if whole else ""


def distribution_bars(report: SurveyReport) -> list[dict[str, Any]]:
    head = report.headline
    columns = draw_columns([item.count for item in report.distribution])
    return [
        {
            "score": item.score,
            "label": item.label,
            "tone": item.tone,
            "count": figures.count_text(item.count),
            "share": figures.share_text(item.count / head.score.n, decimals=1)
            if head.score.n
            else "",
            "column": column,
            "url": inbox_url(
                head.period,
                survey=head.survey.slug,
                **head.part.query,
                score=str(item.score),
            ),
        }
        for item, column in zip(report.distribution, columns, strict=True)
    ]


def band_rows(report: SurveyReport) -> list[dict[str, Any]]:
    head = report.headline
    return [
        {
            "name": str(item.band.name),
            "scores": _scores(item.band.scores),
            "tone": item.band.tone,
            "count": figures.count_text(item.count),
            "share": figures.share_text(item.share.value, decimals=1)
            if item.share.value is not None
            else "",
            "url": inbox_url(
                head.period, survey=head.survey.slug, **head.part.query, band=item.band.slug
            ),
        }
        for item in report.bands
    ]


def _scores(scores: Sequence[int]) -> str:
    low, high = min(scores), max(scores)
    return str(low) if low == high else f"{low}–{high}"


def sentiment_bars(report: SurveyReport, split: SentimentSplit) -> list[dict[str, Any]]:
    head = report.headline
    shown = ("positive", "mixed", "neutral", "negative", "unscored")
    names = {
        "positive": _("Positive"),
        "mixed": _("Mixed"),
        "neutral": _("Neutral"),
        "negative": _("Negative"),
        "unscored": _("Not read"),
    }
    counts = [split.counts[label] for label in shown]
    read = split.comments - split.counts["unscored"]
    return [
        {
            "label": label,
            "name": names[label],
            "sign": _TONE_SIGNS[label],
            "count": figures.count_text(count),
            "share": figures.share_text(count / read) if read and label != "unscored" else "",
            "length": length,
            "url": inbox_url(
                head.period, survey=head.survey.slug, **(head.part.query | {"sentiment": label})
            ),
        }
        for label, count, length in zip(shown, counts, draw_lengths(counts), strict=True)
        if count or label != "mixed"
    ]


def segment_rows(report: SurveyReport) -> dict[str, Any]:
    """Return segments side by side on one axis, with the line of everybody."""
    head = report.headline
    bounds = bounds_of(head.survey)
    values = [
        float(value)
        for segment in report.segments
        if segment.score.interval
        for value in (segment.score.interval.low, segment.score.interval.high)
    ]
    axis = axis_for(values, bounds=(bounds.low, bounds.high), least=2 * bounds.least)
    whole = None if head.part.query else place_of(head.score)
    sentences = [findings.segment_sentence(segment) for segment in report.segments]
    return {
        "rows": [_segment_row(segment, head, axis, whole) for segment in report.segments],
        "axis": [figures.value_text(end, head.score.unit) for end in axis],
        "whole": figures.value_text(whole, head.score.unit) if whole is not None else "",
        "sentences": [sentence for sentence in sentences if sentence],
    }


def _segment_row(
    segment: SegmentReport, head: ScoreReport, axis: tuple[float, float], whole: float | None
) -> dict[str, Any]:
    return {
        "name": segment.name,
        "url": survey_url(head.survey, head.period, segment=segment.slug),
        "rows_url": inbox_url(head.period, survey=head.survey.slug, segment=segment.slug),
        "score": figures.score_view(segment.score),
        "whisker": whisker_of(segment.score, axis, zero=whole),
        "is_real": segment.is_real,
        "is_chosen": segment.slug == head.part.segment,
    }


def trend_rows(report: SurveyReport) -> list[dict[str, Any]]:
    """Return the table behind the trend, newest first, each row leading to its answers."""
    head = report.headline
    return [
        {
            "days": figures.days_text(point.start, point.stop - timedelta(days=1)),
            "score": figures.score_view(point.result),
            "n": figures.count_text(point.n),
            "url": inbox_url(
                Period(point.start, point.stop), survey=head.survey.slug, **head.part.query
            ),
        }
        for point in reversed(report.trend.points)
    ]


def channel_rows(report: SurveyReport) -> list[dict[str, str]]:
    """Return what a score pools, by channel; nothing where all came the same way."""
    head, counts = report.headline, dict(report.channels)
    if len(counts) < 2:
        return []
    names = {value: str(label) for value, label in Invitation.Channel.choices}
    whole = sum(counts.values())
    return [
        {
            "name": names.get(channel, channel),
            "share": figures.share_text(n / whole),
            "count": figures.count_text(n),
            "url": survey_url(head.survey, head.period, channel=channel),
        }
        for channel, n in counts.items()
    ]
