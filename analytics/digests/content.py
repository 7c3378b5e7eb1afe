"""What a digest says: the reports of analytics.scores, and whether there is anything to say.

There is something to say when, under the digest's filter, an answer was
counted on the digest's own days, or an alarm was noticed on them, of a score or
of a target it covers, that the digest has not told in the last four weeks.
Everything else waits for that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analytics.digests.goals import Goal, goals_of
from analytics.digests.models import Digest
from analytics.digests.scope import MOST_SURVEYS, part_of, surveys_of, window_of
from analytics.periods import Period
from analytics.scores.combining import TooMany
from analytics.scores.findings import change_words
from analytics.scores.reports import score_of, survey_report
from analytics.scores.shapes import SurveyReport, ThemeReport, TrendPoint
from analytics.scores.slices import Slice
from analytics.statistics.trends import Alarm
from feedback.highlights import Comment, comments_behind
from feedback.inbox import Filters, count_up_to, matching
from surveys.models import Survey

MOST_COMMENTS = 5
MOST_THEMES = 4


@dataclass(frozen=True, slots=True)
class SurveyNews:
    """One survey in a digest.

    `answers`: counted on the digest's own days. `report` is that of the
    dashboard for the window; None when the filter combines too many answers
    (`too_many`, a limit the dashboard states, too). `alarms` were not told
    before. `waiting`: unhappy comments of these days nobody has looked at.
    """

    survey: Survey
    part: Slice
    news: Period
    window: Period
    answers: int
    report: SurveyReport | None
    too_many: TooMany | None
    alarms: tuple[tuple[TrendPoint, Alarm], ...]
    waiting: int
    comments: tuple[Comment, ...]

    @property
    def has_something(self) -> bool:
        return bool(self.answers or self.alarms)

    @property
    def moving(self) -> list[ThemeReport]:
        """Return the themes named really more or less often, the largest moves first."""
        themes = self.report.themes if self.report else None
        real = [theme for theme in themes or () if theme.is_share_real]
        return sorted(real, key=lambda theme: -abs(theme.share_change.delta or 0))[:MOST_THEMES]

    @property
    def told(self) -> list[str]:
        return [alarm_key(self.survey, alarm) for _point, alarm in self.alarms]

    @property
    def is_real(self) -> bool:
        return bool(self.report and change_words(self.report.change).kind in ("up", "down"))


@dataclass(frozen=True, slots=True)
class Content:
    """A whole digest; `others` are surveys beyond MOST_SURVEYS that have something to say, too."""

    news: Period
    surveys: tuple[SurveyNews, ...]
    others: tuple[Survey, ...]
    goals: tuple[Goal, ...] = ()

    @property
    def has_something(self) -> bool:
        return any(item.has_something for item in self.surveys) or bool(self.alarmed)

    @property
    def alarmed(self) -> list[Goal]:
        return [goal for goal in self.goals if goal.alarms]

    @property
    def answers(self) -> int:
        return sum(item.answers for item in self.surveys)

    @property
    def comments(self) -> list[Comment]:
        """Return the newest comments that wait for a person, of all surveys together."""
        found = [comment for item in self.surveys for comment in item.comments]
        newest = sorted(found, key=lambda comment: comment.at, reverse=True)
        return newest[:MOST_COMMENTS]

    @property
    def waiting(self) -> int:
        return sum(item.waiting for item in self.surveys)

    @property
    def told(self) -> list[str]:
        scores = [key for item in self.surveys for key in item.told]
        return scores + [key for goal in self.goals for key in goal.told]


def alarm_key(survey: Survey, alarm: Alarm) -> str:
    return f"{survey.pk}:{alarm.direction}"


def content_of(
    digest: Digest, news: Period, *, told: Collection[str] = (), has_comments: bool = True
) -> Content:
    """Return what a digest says about some days; those with news first, real moves before all.

    UnknownPart when the filter names a segment or theme that is gone.
    """
    part = part_of(digest.filters)
    surveys = surveys_of(digest)
    found = [
        _news_of(survey, digest.window, news, part, told=told, has_comments=has_comments)
        for survey in surveys
    ]
    found.sort(key=_most_to_say)
    shown, rest = found[:MOST_SURVEYS], found[MOST_SURVEYS:]
    return Content(
        news,
        tuple(shown),
        tuple(item.survey for item in rest if item.has_something),
        goals_of(digest, surveys, news, told=told),
    )


def _most_to_say(item: SurveyNews) -> tuple[bool, bool, bool, int, int]:
    return (
        not item.alarms, not item.is_real, not item.has_something, -item.answers, item.survey.pk
    )  # fmt: skip


def _news_of(
    survey: Survey,
    window: str,
    news: Period,
    part: Slice,
    *,
    told: Collection[str],
    has_comments: bool,
) -> SurveyNews:
    days, report, too_many, answers = window_of(window, news), None, None, 0
    try:
        report = survey_report(survey, days, part=part)
        answers = score_of(survey, news, part=part).n
    except TooMany as error:
        too_many = error
    filters = _waiting(survey, news, part)
    return SurveyNews(
        survey=survey,
        part=part,
        news=news,
        window=days,
        answers=answers,
        report=report,
        too_many=too_many,
        alarms=_untold(survey, report, news, told),
        waiting=count_up_to(matching(filters)),
        comments=tuple(comments_behind(filters, most=MOST_COMMENTS)) if has_comments else (),
    )


def _waiting(survey: Survey, news: Period, part: Slice) -> Filters:
    return Filters(
        **part.query,  # type: ignore[arg-type]
        survey=survey.slug,
        since=news.start.isoformat(),
        until=news.last.isoformat(),
        show="new",
    )


def _untold(
    survey: Survey, report: SurveyReport | None, news: Period, told: Collection[str]
) -> tuple[tuple[TrendPoint, Alarm], ...]:
    """Return one alarm a direction, of the weeks that ended on these days or later."""
    alarms: Sequence[tuple[TrendPoint, Alarm]] = report.trend.alarms if report else ()
    first = {alarm.direction: (point, alarm) for point, alarm in reversed(alarms)}
    return tuple(
        (point, alarm)
        for point, alarm in first.values()
        if point.stop > news.start and alarm_key(survey, alarm) not in told
    )
