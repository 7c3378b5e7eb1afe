"""The dashboard's trend at the size of a mail or a sheet of paper."""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.lines import Mean, TrendDrawing, draw_trend
from analytics.scores.panels import bounds_of, marks_of, points_of
from analytics.scores.shapes import ScoreReport, Trend
from analytics.statistics.result import Result

MAIL_WIDTH, PAPER_WIDTH = 400.0, 640.0


def trend_drawing(
    head: ScoreReport, trend: Trend, *, width: float = MAIL_WIDTH
) -> TrendDrawing | None:
    """Return the trend without words where people read from right to left.

    The letters of a picture are set one after the other, which is enough for
    numbers and Latin words only.
    """
    is_plain = get_language_bidi()
    unit = head.score.unit
    return draw_trend(
        points_of(trend),
        bounds=bounds_of(head.survey),
        width=width,
        value_text=lambda value: _bare(figures.value_text(value, unit)),
        day_text=_bare_day if is_plain else figures.day_text,
        since=head.period.start,
        means=_means(head, trend, is_plain=is_plain),
        marks=[] if is_plain else marks_of(trend),
    )


def _bare(text: str) -> str:
    return text.replace("\u2066", "").replace("\u2069", "")


def _bare_day(day: date) -> str:
    return f"{day.day}/{day.month}"


def _means(head: ScoreReport, trend: Trend, *, is_plain: bool) -> list[Mean]:
    """Return the levels of now and before; a short stretch has no room for words above it."""
    span = (trend.points[-1].stop - trend.points[0].start).days if trend.points else 0
    is_short = head.period.days < 0.25 * span
    pairs = (
        (head.before, head.period.before, _("Before"), is_short),
        (head.score, head.period, _("Now"), False),
    )
    return [
        Mean(
            days.start,
            days.stop,
            float(result.value),
            "" if is_bare else _level_text(name, result, is_plain=is_plain),
        )
        for result, days, name, is_bare in pairs
        if result.value is not None
    ]


def _level_text(name: str, result: Result, *, is_plain: bool) -> str:
    value = _bare(figures.value_text(result.value or 0, result.unit))
    return value if is_plain else f"{name} {value}"


def trend_alt(trend: Trend) -> str:
    """Say in words what the picture shows."""
    shown = [point.result for point in trend.points if point.result.value is not None]
    if len(shown) < 2:
        return _("Too few weeks for a trend")
    first, last = shown[0], shown[-1]
    said = _("Score by week, from %(first)s to %(last)s") % {
        "first": figures.value_text(first.value or 0, first.unit),
        "last": figures.value_text(last.value or 0, last.unit),
    }
    return "; ".join([said, *(mark.label for mark in marks_of(trend))])
