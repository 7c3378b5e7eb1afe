"""What the reports hand over: frozen, complete, and the same for pages, API and digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from analytics.periods import Period
from analytics.scores.slices import Slice
from analytics.statistics.change import Change
from analytics.statistics.drivers import ThemeImpact
from analytics.statistics.result import Interval, Result
from analytics.statistics.trends import Alarm
from surveys.models import Survey
from surveys.scales import Band


@dataclass(frozen=True, slots=True)
class BandCount:
    """One band of the scale with its answers; `share` is a fraction with its interval."""

    band: Band
    count: int
    share: Result


@dataclass(frozen=True, slots=True)
class ScoreCount:
    score: int
    label: str
    tone: str  # of its band: positive, neutral, negative
    count: int


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The score of the days `start`..`stop` (excluded): a week, or several too small alone."""

    start: date
    stop: date
    result: Result
    is_short: bool

    @property
    def n(self) -> int:
        return self.result.n


@dataclass(frozen=True, slots=True)
class Trend:
    points: tuple[TrendPoint, ...]
    alarms: tuple[tuple[TrendPoint, Alarm], ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far those invited in the period came. `rate` is answered of delivered (AAPOR RR6)."""

    sent: int
    bounced: int
    doubtful: int
    opened: int  # at least: not every mail program tells
    answered: int
    commented: int
    rate: Result

    @property
    def delivered(self) -> int:
        return self.sent - self.bounced - self.doubtful


@dataclass(frozen=True, slots=True)
class SentimentSplit:
    """Comments by sentiment; `coverage` is the share we could read, `comment_rate` of answers."""

    counts: Mapping[str, int]  # positive, neutral, mixed, negative, unscored
    comments: int
    coverage: Result
    comment_rate: Result


@dataclass(frozen=True, slots=True)
class ThemeReport:
    """One theme: how many name it, how they score, what they say about it.

    `share` is of all comments, `share_change` against the period before (tested
    together with all other themes: `is_share_real`). `impact` holds what
    goes with it (unit of the survey's score); `difference_interval` belongs to
    `impact.difference`. `sentiments` counts comments by how they speak of it.
    """

    slug: str
    name: str
    count: int
    share: Result
    share_before: Result
    share_change: Change
    is_share_real: bool
    score: Result
    impact: ThemeImpact
    difference_interval: Interval | None
    sentiments: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """One segment side by side with the others; `against_rest` compares it with all the rest."""

    slug: str
    name: str
    score: Result
    against_rest: Change
    is_real: bool  # after correcting for all segments tested


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """The score of one survey and period with everything needed to trust it.

    `held` counts quarantined answers, `with_held` is the score if they counted.
    """

    survey: Survey
    period: Period
    part: Slice
    score: Result
    before: Result
    change: Change
    held: int
    with_held: Result

    @property
    def received(self) -> int:
        return self.score.n + self.held


class Parts(NamedTuple):
    """What answers may be told apart by, each as (slug, name) in the order of names."""

    themes: tuple[tuple[str, str], ...]
    themes_in_use: tuple[tuple[str, str], ...]
    segments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """All that the report of a whole survey follows from: two equal ones give equal reports.

    `stamp` stands for the tallies, `parts` for the themes and segments there are.
    """

    survey: Survey
    kind: str
    period: Period
    zone: str
    language: str  # labels of single scores are words
    stamp: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class SurveyReport:
    """Everything the dashboard of one survey shows.

    `themes` and `sentiment` are None when a slice holds too many answers to
    combine on the spot (`combining.COMBINE_UP_TO`). `basis` is None where
    nothing may be kept of the report.
    """

    headline: ScoreReport
    bands: tuple[BandCount, ...]
    distribution: tuple[ScoreCount, ...]
    trend: Trend
    funnel: Funnel | None
    sentiment: SentimentSplit | None
    themes: tuple[ThemeReport, ...] | None
    segments: tuple[SegmentReport, ...]
    languages: tuple[str, ...]  # of the comments, now or in the time before
    parts: Parts
    channels: tuple[tuple[str, int], ...] = ()  # answers by channel, most first; of the whole only
    basis: Basis | None = None

    @property
    def score(self) -> Result:
        return self.headline.score

    @property
    def change(self) -> Change:
        return self.headline.change


@dataclass(frozen=True, slots=True)
class HomeRow:
    headline: ScoreReport
    trend: Trend
    funnel: Funnel | None


@dataclass(frozen=True, slots=True)
class HomeReport:
    """All surveys, those that really moved first."""

    period: Period
    rows: tuple[HomeRow, ...]
