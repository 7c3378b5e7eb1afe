"""The rows behind what customers say: each survey, theme or emotion with its part."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import Period
from analytics.scores.combining import TooMany
from analytics.scores.heard import Heard
from analytics.scores.panels import inbox_url, survey_url
from analytics.scores.queries import theme_names
from analytics.statistics.result import Result
from analytics.success import words
from analytics.success.queries import Facts
from analytics.success.tables import Cell, Table, number_cell, table_of
from analytics.voice import metrics
from feedback.inbox_panels import EMOTION_NAMES
from feedback.models import Sentiment
from surveys.models import Survey

Make = Callable[[Facts, Period, Heard], Table]


def _surveys(found: Heard) -> list[tuple[Survey, Heard]]:
    """Return each survey with its own part, the one with most answers first."""
    surveys = Survey.objects.in_bulk(found.surveys)
    parts = [(survey, found.only(key)) for key, survey in surveys.items()]
    return sorted(parts, key=lambda pair: -sum(pair[1].of("all").values()))


def _named(survey: Survey, period: Period) -> Cell:
    return Cell(survey.name, survey_url(survey, period))


def _shown(result: Result) -> list[Cell]:
    """Return the cells of a figure and where it likely lies."""
    if result.value is None:
        return [number_cell("–"), number_cell("")]
    return [
        number_cell(words.value(result.value, result.unit)),
        number_cell(words.interval(result)),
    ]


def _sentiments(facts: Facts, period: Period, found: Heard) -> Table:
    rows = []
    for survey, part in _surveys(found):
        counts = part.of("sentiment")
        if counts:
            numbers = [number_cell(figures.count_text(counts.get(s, 0))) for s in Sentiment.values]
            rows.append((_named(survey, period), *numbers, *_shown(metrics.net_of(part))))
    labels = [str(label) for label in Sentiment.labels]
    heads = [_("Survey"), *(label.capitalize() for label in labels), _("Net"), _("Likely")]
    return table_of(_("Comments by survey"), heads, rows)


def _themes(facts: Facts, period: Period, found: Heard) -> Table:
    names = theme_names()
    rows = []
    for slug, part in metrics.themes_of(found).parts.get("by_theme", {}).items():
        behind = inbox_url(period, theme=slug, segment=facts.segment)
        rows.append((Cell(names.get(slug, slug), behind), *_part(part)))
    return table_of(_("Themes, the most mentioned first"), _heads(_("Theme")), rows)


def _emotions(facts: Facts, period: Period, found: Heard) -> Table:
    each = metrics.emotions_of(found).parts.get("by_emotion", {})
    rows = [
        (Cell(str(EMOTION_NAMES[name]).capitalize()), *_part(part)) for name, part in each.items()
    ]
    return table_of(_("Emotions, the most frequent first"), _heads(_("Emotion")), rows)


def _heads(what: str) -> tuple[str, ...]:
    return what, _("Comments"), _("Share"), _("Likely")


def _part(part: dict[str, float]) -> list[Cell]:
    likely = figures.range_text(part["low"], part["high"], "fraction")
    return [
        number_cell(figures.count_text(int(part["count"]))),
        number_cell(figures.share_text(part["value"], decimals=1)),
        number_cell(likely),
    ]


def _came(facts: Facts, period: Period, found: Heard) -> Table:
    rows = []
    for survey, part in _surveys(found):
        if part.funnels:
            sent, bounced, doubtful, opened, answered, _said = part.funnel
            steps = (sent, sent - bounced - doubtful, opened, answered)
            numbers = [number_cell(figures.count_text(n)) for n in steps]
            rows.append((_named(survey, period), *numbers, *_shown(metrics.answered_of(part))))
    heads = (
        _("Survey"), _("Sent"), _("Delivered"), _("Opened"), _("Answered"), _("Rate"), _("Likely"),
    )  # fmt: skip
    return table_of(_("Invitations by survey"), heads, rows)


def _of_heard(make: Make) -> Callable[[Facts, Period], Table]:
    def made(facts: Facts, period: Period) -> Table:
        try:
            return make(facts, period, metrics.heard_of(facts, period))
        except TooMany:
            return table_of("", (), ())

    return made


TABLES = {
    "net-sentiment": _of_heard(_sentiments),
    "theme-share": _of_heard(_themes),
    "emotion-share": _of_heard(_emotions),
    "survey-response-rate": _of_heard(_came),
}
