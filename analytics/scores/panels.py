"""Reports made ready for templates: every text, address and drawing, nothing left to compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.charts.lines import Bounds, Mark, Point, Spark, TrendDrawing, draw_spark, draw_trend
from analytics.charts.lines import Mean as MeanLine
from analytics.periods import Period, query_of
from analytics.scores.findings import ChangeWords, change_words
from analytics.scores.shapes import HomeRow, ScoreReport, Trend, TrendPoint
from analytics.scores.slices import WHOLE, Slice
from analytics.statistics.result import Unit
from surveys.models import Survey

BOUNDS = {
    "nps": Bounds(-100.0, 100.0, 40.0),
    "share": Bounds(0.0, 1.0, 0.2),
}


def bounds_of(survey: Survey) -> Bounds:
    """Return the ends of the score's scale and the least an axis must span."""
    scale = survey.scale
    return BOUNDS.get(scale.method) or Bounds(
        float(scale.low), float(scale.high), (scale.high - scale.low) / 4
    )


def inbox_url(period: Period | None = None, **filters: str) -> str:
    """Return the address of the responses behind a figure."""
    return _behind("staff:responses", period, filters)


def export_url(period: Period | None = None, **filters: str) -> str:
    """Return the address of the same responses as a file."""
    return _behind("staff:responses-export", period, filters)


def _behind(page: str, period: Period | None, filters: Mapping[str, str]) -> str:
    days = period and (period.start, period.last)
    return _written(page, days, tuple(filters.items()), get_urlconf(), get_script_prefix())


@lru_cache(maxsize=figures.REMEMBERED)
def _written(
    page: str,
    days: tuple[date, date] | None,
    filters: tuple[tuple[str, str], ...],
    urlconf: str | None,
    prefix: str,
) -> str:
    """Write an address once: a page names up to a hundred, mostly those of its last visit."""
    since_until = zip(("since", "until"), (day.isoformat() for day in days or ()), strict=False)
    query = urlencode({name: value for name, value in (*filters, *since_until) if value})
    address = reverse(page)
    return f"{address}?{query}" if query else address


def survey_url(survey: Survey, period: Period, **more: str) -> str:
    query = urlencode({**query_of(period), **{k: v for k, v in more.items() if v}})
    address = reverse("staff:survey", args=[survey.slug])
    return f"{address}?{query}" if query else address


def joined(url: str) -> str:
    """Return an address to which one more parameter can be appended."""
    return url + ("&" if "?" in url else "?")


def asked_url(survey: Survey, period: Period, part: Slice = WHOLE, **more: str) -> str:
    """Return the address of the people behind a step of the funnel (`step`)."""
    query = urlencode({**query_of(period), **part.query, **more})
    address = reverse("staff:asked", args=[survey.slug])
    return f"{address}?{query}" if query else address


def side_query(prefix: str, period: Period, part: Slice) -> dict[str, str]:
    """Return the parameters of one side of a comparison; both ends of its days are said."""
    days = {"from": period.start.isoformat(), "to": period.last.isoformat()}
    return {f"{prefix}_{name}": value for name, value in {**days, **part.query}.items()}


def compare_url(head: ScoreReport) -> str:
    """Return the comparison of a score with the equally long time before."""
    query = side_query("a", head.period.before, head.part) | side_query("b", head.period, head.part)
    return f"{reverse('staff:compare', args=[head.survey.slug])}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    label: str
    url: str
    is_current: bool


def period_label(period: Period) -> str:
    """Return the period in a few words: the last 13 weeks, or its days."""
    labels = {
        "7d": _("7 days"),
        "30d": _("30 days"),
        "13w": _("13 weeks"),
        "12m": _("12 months"),
    }
    return labels.get(period.name) or figures.days_text(period.start, period.last)


@dataclass(frozen=True, slots=True)
class PeriodMenu:
    """Named choices as addresses, and the fields of the custom form; drawn once."""

    label: str
    choices: tuple[PeriodChoice, ...]
    start: str
    last: str
    kept: tuple[tuple[str, str], ...]
    path: str


def period_choices(path: str, period: Period, kept: dict[str, str]) -> PeriodMenu:
    """Return the menu of periods of a page; `kept` are its other parameters."""
    from analytics.periods import NAMES, period_named

    choices = []
    for name in NAMES:
        named = period_named(name)
        query = urlencode({**query_of(named), **kept})
        url = f"{path}?{query}" if query else path
        choices.append(PeriodChoice(period_label(named), url, period.name == name))
    return PeriodMenu(
        period_label(period),
        tuple(choices),
        period.start.isoformat(),
        period.last.isoformat(),
        tuple(kept.items()),
        path,
    )


def points_of(trend: Trend) -> list[Point]:
    return [_point(point) for point in trend.points]


def _point(point: TrendPoint) -> Point:
    result = point.result
    value = None if result.value is None else float(result.value)
    low = float(result.interval.low) if result.interval else None
    high = float(result.interval.high) if result.interval else None
    return Point(
        start=point.start,
        stop=point.stop,
        value=value,
        low=low,
        high=high,
        n=result.n,
        title=_point_title(point.start, point.stop, value, (low, high), result.n, result.unit),
        is_faint=point.is_short,
    )


@figures.remembered
def _point_title(
    start: date,
    stop: date,
    value: float | None,
    likely: tuple[float | None, float | None],
    n: int,
    unit: Unit,
) -> str:
    low, high = likely
    return _("%(days)s: %(score)s, likely %(range)s, n %(n)s") % {
        "days": figures.days_text(start, stop - timedelta(days=1)),
        "score": _("too few to say") if value is None else figures.value_text(value, unit),
        "range": "" if low is None or high is None else figures.range_text(low, high, unit),
        "n": figures.count_text(n),
    }


def marks_of(trend: Trend) -> list[Mark]:
    """Return one mark per direction: both charts often notice the same move."""
    first = {alarm.direction: (point, alarm) for point, alarm in reversed(trend.alarms)}
    return [
        Mark(
            point.start,
            _("Alarm: lasting fall") if alarm.direction == "down" else _("Alarm: lasting rise"),
            alarm.direction == "down",
        )
        for point, alarm in first.values()
    ]


def trend_drawings(
    report: ScoreReport, trend: Trend, *, more: Sequence[Mark] = ()
) -> dict[str, TrendDrawing | None]:
    """Return the same trend drawn for a wide screen and for a phone; `more` marks join its own."""
    points, marks = points_of(trend), [*marks_of(trend), *more]
    return {
        "wide": _trend_drawing(report, points, marks, width=640.0),
        "narrow": _trend_drawing(report, points, marks, width=340.0),
    }


def _trend_drawing(
    report: ScoreReport, points: Sequence[Point], marks: Sequence[Mark], *, width: float
) -> TrendDrawing | None:
    unit = report.score.unit
    return draw_trend(
        points,
        bounds=bounds_of(report.survey),
        width=width,
        value_text=lambda value: figures.value_text(value, unit),
        day_text=figures.day_text,
        since=report.period.start,
        means=_means(report, is_narrow=width < 500),
        marks=marks,
    )


def _means(report: ScoreReport, *, is_narrow: bool) -> list[MeanLine]:
    pairs = (
        (report.before, report.period.before, _("Before"), _("Period before")),
        (report.score, report.period, _("Now"), _("This period")),
    )
    return [
        MeanLine(
            days.start,
            days.stop,
            float(result.value),
            f"{short if is_narrow else long} {figures.value_text(result.value, result.unit)}",
        )
        for result, days, short, long in pairs
        if result.value is not None
    ]


@dataclass(frozen=True, slots=True)
class RowPanel:
    """One survey on the home page."""

    name: str
    url: str
    kind: str
    status: str
    answers: str
    rate: str
    rate_url: str
    held: str
    held_url: str
    answers_url: str
    score: dict[str, Any]
    change: ChangeWords
    spark: Spark | None
    spark_label: str


def row_panel(row: HomeRow, period: Period) -> RowPanel:
    head = row.headline
    survey = head.survey
    since = period.start
    trend = Trend(tuple(p for p in row.trend.points if p.stop > since), row.trend.alarms)
    return RowPanel(
        name=survey.name,
        url=survey_url(survey, period),
        kind=str(survey.scale.name),
        status="" if survey.status == Survey.Status.LIVE else str(survey.get_status_display()),
        answers=ngettext("%(n)s answer", "%(n)s answers", head.score.n)
        % {"n": figures.count_text(head.score.n)},
        rate=_rate_text(row),
        rate_url=asked_url(survey, period, step="answered"),
        held=_held_text(head.held),
        held_url=inbox_url(period, survey=survey.slug, show="held"),
        answers_url=inbox_url(period, survey=survey.slug),
        score=figures.score_view(head.score),
        change=change_words(head.change),
        spark=draw_spark(points_of(trend), bounds=bounds_of(survey), marks=marks_of(trend)),
        spark_label=_spark_label(trend),
    )


def _rate_text(row: HomeRow) -> str:
    funnel = row.funnel
    if funnel is None or funnel.rate.value is None:
        return ""
    return _("%(rate)s of %(n)s reached") % {
        "rate": figures.share_text(funnel.rate.value, decimals=1),
        "n": figures.count_text(funnel.delivered),
    }


def _held_text(held: int) -> str:
    if not held:
        return ""
    return ngettext("one machine vote held", "%(n)s machine votes held", held) % {
        "n": figures.count_text(held)
    }


def _spark_label(trend: Trend) -> str:
    shown = [point.result for point in trend.points if point.result.value is not None]
    if len(shown) < 2:
        return ""
    first, last = shown[0], shown[-1]
    words = _("Score by week, from %(first)s to %(last)s") % {
        "first": figures.value_text(first.value or 0, first.unit),
        "last": figures.value_text(last.value or 0, last.unit),
    }
    alarms = ", ".join(mark.label for mark in marks_of(trend))
    return f"{words}; {alarms}" if alarms else words


def spark_days(rows: Sequence[HomeRow], period: Period) -> str:
    """Return the head of the spark column."""
    if not rows:
        return ""
    start: date = period.start
    return _("By week, %(start)s to %(last)s") % {
        "start": figures.day_text(start),
        "last": figures.day_text(period.last),
    }
