"""Sentences of digests and reports that the pages do not have."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.digests.content import Content, SurveyNews
from analytics.digests.goals import subject_of
from analytics.periods import Period
from analytics.scores.findings import change_words
from analytics.scores.shapes import Funnel, ScoreReport, ThemeReport, TrendPoint
from analytics.statistics.trends import Alarm


def subject(content: Content) -> str:
    """Return what happened in one line: an alarm, a real move, else how many answered."""
    if content.alarmed:
        return subject_of(content.alarmed[0])
    for item in content.surveys:
        if item.alarms:
            return f"{item.survey.name}: {alarm_words(*item.alarms[0])}"
    answers = answers_words(content.answers)
    if len(content.surveys) == 1:
        return _("%(survey)s: %(score)s, %(answers)s") % {
            "survey": content.surveys[0].survey.name,
            "score": _score_and_change(content.surveys[0]),
            "answers": answers,
        }
    moved = [item for item in content.surveys if item.is_real]
    if not moved:
        return _("%(answers)s, no score really moved") % {"answers": answers}
    if len(moved) > 2:
        told = _("%(n)s scores really moved") % {"n": figures.count_text(len(moved))}
    else:
        told = " · ".join(_moved(item) for item in moved)
    return f"{told} · {answers}"


def _moved(item: SurveyNews) -> str:
    change = change_words(item.report.change).text if item.report else ""
    return _("%(survey)s %(change)s") % {"survey": item.survey.name, "change": change}


def _score_and_change(item: SurveyNews) -> str:
    if item.report is None:
        return _("too many answers to combine")
    view = figures.score_view(item.report.score)
    change = change_words(item.report.change).text
    return ", ".join(part for part in (view["text"] or view["words"], change) if part)


def answers_words(count: int) -> str:
    if not count:
        return _("no new answers")
    return ngettext("%(n)s new answer", "%(n)s new answers", count) % {
        "n": figures.count_text(count)
    }


def days_words(period: Period) -> str:
    """Return the days: one day by itself, else both ends."""
    if period.days == 1:
        return figures.day_text(period.start, has_year=True)
    return figures.days_text(period.start, period.last)


def alarm_words(point: TrendPoint, alarm: Alarm) -> str:
    day = {"day": figures.day_text(point.start)}
    if alarm.direction == "down":
        return _("a lasting fall, noticed in the week of %(day)s") % day
    return _("a lasting rise, noticed in the week of %(day)s") % day


def theme_words(theme: ThemeReport) -> str:
    """Say how much more or less often a theme is named than before."""
    said = {
        "theme": theme.name,
        "now": figures.share_text(theme.share.value or 0),
        "before": figures.share_text(theme.share_before.value or 0),
    }
    if (theme.share_change.delta or 0) > 0:
        return _("%(theme)s: in %(now)s of comments, before %(before)s. More, real.") % said
    return _("%(theme)s: in %(now)s of comments, before %(before)s. Less, real.") % said


def rate_words(funnel: Funnel | None) -> str:
    if funnel is None or funnel.rate.value is None:
        return _("Nobody was invited in this time")
    return _("%(rate)s of %(n)s people reached answered") % {
        "rate": figures.share_text(funnel.rate.value, decimals=1),
        "n": figures.count_text(funnel.delivered),
    }


def likely_words(head: ScoreReport) -> str:
    """Return what belongs to a score: interval and n."""
    view = figures.score_view(head.score)
    n = _("n %(n)s") % {"n": view["n"]}
    if not view["interval"]:
        return n
    return _("likely %(range)s, %(n)s") % {"range": view["interval"], "n": n}


def many_words(item: SurveyNews) -> str:
    """Say why there is no number: the filter combines more answers than are counted at once."""
    if item.too_many is None:
        return ""
    return _(
        "These filters together may hold %(n)s answers; at most %(most)s are combined. Take one "
        "filter away or shorten the time."
    ) % {
        "n": figures.count_text(item.too_many.count),
        "most": figures.count_text(item.too_many.limit),
    }
