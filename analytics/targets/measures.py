"""What a target can be set on: figures of a survey, and every metric of success with a direction.

All of them come from the functions the pages call; no number is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.periods import Period
from analytics.scores import reports, single
from analytics.scores.combining import TooMany
from analytics.scores.slices import WHOLE, Slice
from analytics.scores.values import weekly_values
from analytics.statistics.change import Change
from analytics.statistics.guards import guarded
from analytics.statistics.histograms import Histogram
from analytics.statistics.result import Result, Unit, null
from analytics.statistics.shares import share_change
from analytics.statistics.trends import Bucket, Week, weekly_buckets
from analytics.success.catalogue import GROUPS, METRICS
from analytics.success.kept import value_of
from feedback.models import Sentiment
from surveys.models import Survey

Text = str | Promise
ALL_WISHES = ("segment", "channel", "language", "theme", "sentiment")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose figure: of one survey (None: of the workspace's customers), and which part of it."""

    survey: Survey | None
    part: Slice = WHOLE


Days = Mapping[date, Histogram]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure a target can be set on.

    `wishes` are the filters it takes. `is_ripe_at_once` is False where the
    newest days say too little yet (invitations not answered, months not over):
    only settled periods are judged then. `change` and `weeks` are there where
    a change and a drift can be told from chance; `week` turns a histogram of
    `weeks` into what the charts want.
    """

    slug: str
    group: Text
    name: Text
    wishes: tuple[str, ...]
    value: Callable[[Subject, Period], Result]
    is_of_survey: bool = True
    is_ripe_at_once: bool = True
    is_higher_better: bool = True
    unit: Unit | None = None  # None: that of the survey's score
    change: Callable[[Subject, Period], Change] | None = None
    weeks: Callable[[Subject, date, date], Days] | None = None
    week: Callable[[Survey, Histogram], Week] | None = None

    def unit_of(self, survey: Survey | None) -> Unit:
        if self.unit is not None or survey is None:
            return self.unit or "count"
        units: dict[str, Unit] = {"nps": "points", "share": "fraction", "mean": "mean"}
        return units[survey.scale.method]


# ---- Figures of a survey -----------------------------------------------------------------


def _survey(subject: Subject) -> Survey:
    if subject.survey is None:
        raise ValueError("this measure belongs to a survey")
    return subject.survey


def _score(subject: Subject, period: Period) -> Result:
    return reports.score_of(_survey(subject), period, part=subject.part)


def _score_change(subject: Subject, period: Period) -> Change:
    return single.change_of(_survey(subject), period, part=subject.part)


def _score_weeks(subject: Subject, start: date, stop: date) -> Days:
    return reports.weeks_of(_survey(subject), start, stop, part=subject.part)


def _rate(subject: Subject, period: Period) -> Result:
    funnel = single.funnel_of(_survey(subject), period, part=subject.part)
    return funnel.rate if funnel else null("fraction", "no_population", convention="AAPOR RR6")


def _negative(subject: Subject, period: Period) -> Result:
    now, _was = single.sentiments_of(_survey(subject), period, part=subject.part)
    return guarded(single.negative_share(now))


def _negative_change(subject: Subject, period: Period) -> Change:
    now, was = single.sentiments_of(_survey(subject), period, part=subject.part)
    sides = [
        (counts[Sentiment.NEGATIVE], sum(counts.values()) - counts[Sentiment.UNSCORED])
        for counts in (was, now)
    ]
    return share_change(*sides)


def _negative_weeks(subject: Subject, start: date, stop: date) -> Days:
    return single.negative_weeks(_survey(subject), start, stop, part=subject.part)


def _negative_week(survey: Survey, counts: Histogram) -> Week:
    n, k = sum(counts.values()), counts.get(1, 0)
    return Week(k / n, k / n * (1 - k / n), n)


_OF_SURVEY = (
    Measure(
        "score",
        _("Of a survey"),
        _("Score"),
        ALL_WISHES,
        _score,
        change=_score_change,
        weeks=_score_weeks,
        week=weekly_values,
    ),
    Measure(
        "response-rate",
        _("Of a survey"),
        _("Response rate"),
        ("segment", "channel"),
        _rate,
        unit="fraction",
        is_ripe_at_once=False,
    ),
    Measure(
        "negative-share",
        _("Of a survey"),
        _("Negative comments"),
        ("segment", "channel", "language", "theme"),
        _negative,
        unit="fraction",
        is_higher_better=False,
        change=_negative_change,
        weeks=_negative_weeks,
        week=_negative_week,
    ),
)


# ---- Metrics of success ------------------------------------------------------------------


def _of_customers(slug: str) -> Callable[[Subject, Period], Result]:
    def value(subject: Subject, period: Period) -> Result:
        return value_of(slug, period, segment=subject.part.segment)

    return value


MEASURES: dict[str, Measure] = {
    **{measure.slug: measure for measure in _OF_SURVEY},
    **{
        slug: Measure(
            slug,
            GROUPS[found.group],
            found.name,
            ("segment",),
            _of_customers(slug),
            is_of_survey=False,
            is_ripe_at_once=False,
            is_higher_better=found.better == "up",
            unit=found.unit,
        )
        for slug, found in METRICS.items()
        if found.better  # where no direction is good by itself, there is no goal
    },
}


# ---- What may be missing -----------------------------------------------------------------


def value(measure: Measure, subject: Subject, period: Period) -> Result:
    """Return the figure of a period, null where its filters hold too much to combine."""
    try:
        return measure.value(subject, period)
    except (TooMany, LookupError):  # a segment may be gone
        return null(measure.unit_of(subject.survey), "insufficient_data")


def change(measure: Measure, subject: Subject, period: Period) -> Change | None:
    """Return how it moved against the equally long time before, None where nobody can tell."""
    if measure.change is None:
        return None
    try:
        return measure.change(subject, period)
    except (TooMany, LookupError):
        return None


def weeks(measure: Measure, subject: Subject, start: date, stop: date) -> list[tuple[Bucket, Week]]:
    """Return the weeks large enough to be charted, oldest first; none where nobody can tell."""
    if measure.weeks is None or measure.week is None:
        return []
    try:
        days = measure.weeks(subject, start, stop)
    except (TooMany, LookupError):
        return []
    survey = _survey(subject)
    full = [bucket for bucket in weekly_buckets(days) if not bucket.is_short]
    return [(bucket, measure.week(survey, bucket.histogram)) for bucket in full]
