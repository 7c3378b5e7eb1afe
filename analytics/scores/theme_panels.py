"""Themes of a survey's dashboard: the map, the table, praise and complaint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.bars import Whisker, axis_for, draw_pair
from analytics.charts.scatter import MapDrawing, Spot, draw_map
from analytics.scores.markers import place_of, whisker_of
from analytics.scores.panels import bounds_of, inbox_url, survey_url
from analytics.scores.shapes import ScoreReport, SurveyReport, ThemeReport
from analytics.scores.values import score_span
from analytics.statistics.result import Result

MOST_THEMES_DRAWN = 14


@dataclass(frozen=True, slots=True)
class ThemeRow:
    slug: str
    name: str
    url: str
    rows_url: str
    count: str
    share: str
    score: dict[str, Any]
    whisker: Whisker | None
    difference: str
    margin: str
    pull: str
    tone: str  # positive, negative, or "" when it could be chance
    moved: str
    moved_kind: str
    shares: str
    is_chosen: bool


def theme_rows(report: SurveyReport, *, chosen: str) -> list[ThemeRow]:
    head, themes = report.headline, report.themes or ()
    axis = _score_axis(report)
    return [
        ThemeRow(
            slug=theme.slug,
            name=theme.name,
            url=survey_url(head.survey, head.period, **head.part.query, feed=theme.slug)
            + "#comments",
            rows_url=inbox_url(
                head.period, survey=head.survey.slug, **(head.part.query | {"theme": theme.slug})
            ),
            count=figures.count_text(theme.count),
            share=figures.share_text(theme.share.value or 0.0),
            score=figures.score_view(theme.score),
            whisker=whisker_of(theme.score, axis, zero=place_of(head.score)),
            difference=difference_words(theme).text,
            margin=_margin(theme),
            pull=_pull(theme, head.score),
            tone=_tone(theme),
            moved=_moved(theme),
            moved_kind=theme_move(theme),
            shares=_shares(theme),
            is_chosen=theme.slug == chosen,
        )
        for theme in themes
        if theme.count or theme.is_share_real
    ]


def _score_axis(report: SurveyReport) -> tuple[float, float]:
    bounds = bounds_of(report.headline.survey)
    results = [theme.score for theme in report.themes or ()]
    values = [
        float(value)
        for result in results
        if result.interval
        for value in (result.interval.low, result.interval.high)
    ]
    return axis_for(values, bounds=(bounds.low, bounds.high), least=2 * bounds.least)


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    """Score of those who name a theme minus score of the others. `tone` is "" for chance."""

    text: str
    margin: str
    tone: str


def difference_words(theme: ThemeReport) -> DifferenceWords:
    found = theme.impact.difference
    text = "" if found is None else figures.delta_text(found, theme.score.unit)
    return DifferenceWords(text, _margin(theme), _tone(theme))


def _margin(theme: ThemeReport) -> str:
    found = theme.difference_interval
    if found is None:
        return ""
    return "± " + figures.delta_text(found.half_width, theme.score.unit, is_signed=False)


def _pull(theme: ThemeReport, whole: Result) -> str:
    found = theme.impact.impact
    if found is None or theme.impact.interval is None:
        return ""
    return figures.delta_text(found, whole.unit, is_exact=True)


def _tone(theme: ThemeReport) -> str:
    if not theme.impact.is_real or theme.impact.interval is None:
        return ""
    return "positive" if (theme.impact.impact or 0.0) > 0 else "negative"


def theme_move(theme: ThemeReport) -> str:
    """Return "more", "less", "new" or "" for how often a theme is named against before."""
    if not theme.share_before.n:
        return ""
    if theme.is_share_real:
        return "more" if (theme.share_change.delta or 0.0) > 0 else "less"
    return "new" if not theme.share_before.numerator and theme.count else ""


def _moved(theme: ThemeReport) -> str:
    match theme_move(theme):
        case "more":
            return _("▲ more, real")
        case "less":
            return _("▼ less, real")
        case "new":
            return _("new this period")
    return _("no clear change") if theme.share_before.n else ""


def _shares(theme: ThemeReport) -> str:
    if theme.share.value is None or theme.share_before.value is None:
        return ""
    before, now = theme.share_before.value, theme.share.value
    return f"{figures.share_text(before)} → {figures.share_text(now)}"


def theme_maps(report: SurveyReport) -> dict[str, MapDrawing | None]:
    """Return the map of volume against difference, for a wide screen and for a phone."""
    return {"wide": _map(report, width=640.0), "narrow": _map(report, width=340.0)}


def _map(report: SurveyReport, *, width: float) -> MapDrawing | None:
    head = report.headline
    drawn = [t for t in report.themes or () if t.difference_interval][:MOST_THEMES_DRAWN]
    unit = head.score.unit
    return draw_map(
        [_spot(theme, is_crowded=width < 500 and len(drawn) > 5) for theme in drawn],
        limit=score_span(head.survey),
        width=width,
        value_text=lambda value: figures.delta_text(value, unit),
        share_text=figures.share_text,
    )


def _spot(theme: ThemeReport, *, is_crowded: bool) -> Spot:
    interval, difference = theme.difference_interval, theme.impact.difference or 0.0
    unit = theme.score.unit
    is_real = theme.impact.is_real
    return Spot(
        key=theme.slug,
        name=theme.name if is_real or not is_crowded else "",
        note=figures.delta_text(difference, unit) if is_real else "",
        x=float(theme.share.value or 0.0),
        y=difference,
        low=float(interval.low) if interval else difference,
        high=float(interval.high) if interval else difference,
        is_real=is_real,
        title=_("%(theme)s: %(count)s comments, difference %(delta)s %(margin)s")
        % {
            "theme": theme.name,
            "count": figures.count_text(theme.count),
            "delta": figures.delta_text(difference, unit),
            "margin": _margin(theme),
        },
    )


def praise_rows(report: SurveyReport) -> list[dict[str, Any]]:
    """Return how people speak of each theme, most complained about first."""
    head = report.headline
    themes = [theme for theme in report.themes or () if theme.count][:MOST_THEMES_DRAWN]
    themes.sort(key=lambda theme: _bad_share(theme), reverse=True)
    # The sides are 2 to 3 wide, so one comment is equally long on both.
    longest = max(
        (max(t.sentiments["negative"] / 2, t.sentiments["positive"] / 3) for t in themes),
        default=0.0,
    )
    return [_praise_row(theme, head, longest) for theme in themes]


def _bad_share(theme: ThemeReport) -> float:
    told = sum(theme.sentiments.values())
    return theme.sentiments["negative"] / told if told else 0.0


def _praise_row(theme: ThemeReport, head: ScoreReport, longest: float) -> dict[str, Any]:
    bad, good = theme.sentiments["negative"], theme.sentiments["positive"]
    told = sum(theme.sentiments.values())

    def behind(sentiment: str) -> str:
        return inbox_url(
            head.period,
            survey=head.survey.slug,
            **(head.part.query | {"theme": theme.slug, "sentiment": sentiment}),
        )

    return {
        "name": theme.name,
        "bad": figures.count_text(bad),
        "good": figures.count_text(good),
        "pair": draw_pair(bad, good, bad_of=2 * longest, good_of=3 * longest),
        "bad_share": _("%s bad") % figures.share_text(bad / told) if told else "",
        "bad_url": behind("negative"),
        "good_url": behind("positive"),
    }
