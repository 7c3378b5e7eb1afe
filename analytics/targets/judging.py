"""Judge a target: what its figure is, what the goal makes of it, what its alarms hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.periods import Period, settling
from analytics.scores.reports import TREND_WEEKS
from analytics.scores.slices import Slice
from analytics.statistics.change import Change
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.result import Result
from analytics.statistics.targets import TargetState, target_state_of
from analytics.statistics.trends import drifts
from analytics.targets import measures, spans
from analytics.targets.measures import MEASURES, Measure, Subject
from analytics.targets.models import Target

BAD, NEITHER, GOOD = -1, 0, 1
CALM_P = 0.2
"""A change alarm starts under p .05 and ends over this: between them it stays as it is."""
CALM_DRIFT = 0.5
"""A drift alarm starts at the limit of a chart and ends at half of it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A period with its figure and what the goal makes of it."""

    period: Period
    result: Result
    state: TargetState


@dataclass(frozen=True, slots=True)
class Outlook:
    """The running period, and the last one that is over (None for rolling days).

    `deciding` is the one that counts: the running one as soon as it has
    something to say, until then the last.
    """

    running: Judged
    last: Judged | None
    is_ripe_at_once: bool

    @property
    def deciding(self) -> Judged:
        if self.last is None or (self.is_ripe_at_once and self.running.state.state):
            return self.running
        return self.last


def measure_of(target: Target) -> Measure:
    return MEASURES[target.metric]


def subject_of(target: Target) -> Subject:
    return Subject(target.survey, Slice(**target.filters))


def judge(target: Target, period: Period) -> Judged:
    """Return the figure of a period, judged. Too few answers are no state at all."""
    result = measures.value(measure_of(target), subject_of(target), period)
    if result.status == "low_n":
        return Judged(period, result, TargetState(None, reason="too_few_to_show"))
    goal = target.goal if result.unit == "money" else float(target.goal)
    state = target_state_of(result, goal, is_higher_better=target.is_higher_better)
    return Judged(period, result, state)


def outlook(target: Target, on: date) -> Outlook:
    """Judge the period of a day, and the last settled one before it."""
    measure = measure_of(target)
    period = spans.running(target.period, on)
    if not spans.is_calendar(target.period):
        if not measure.is_ripe_at_once:
            period = spans.running(target.period, on - settling())
        return Outlook(judge(target, period), None, measure.is_ripe_at_once)
    last = spans.before(target.period, period)
    if not measure.is_ripe_at_once and last.stop + settling() > on:
        last = spans.before(target.period, last)
    return Outlook(judge(target, period), judge(target, last), measure.is_ripe_at_once)


# ---- What the alarms hear ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signs:
    """What a day says to each alarm: BAD, NEITHER, GOOD, or None for nothing.

    `since` is when a drift likely began.
    """

    level: int | None
    change: int | None
    drift: int | None
    since: date | None = None


def signs(target: Target, seen: Outlook, *, acknowledged: date | None = None) -> Signs:
    """Return what the alarms hear; the drift charts start afresh after `acknowledged`."""
    measure, subject = measure_of(target), subject_of(target)
    moved = measures.change(measure, subject, seen.deciding.period)
    drift, since = _drift_sign(target, measure, subject, seen.running.period, acknowledged)
    return Signs(
        level=level_sign(seen.deciding.state),
        change=change_sign(moved, is_higher_better=target.is_higher_better),
        drift=drift,
        since=since,
    )


def level_sign(state: TargetState) -> int | None:
    """Bad when the whole interval misses the goal, good when the value itself reaches it."""
    if state.state is None or state.gap is None:
        return None
    if state.state == "missed":
        return BAD
    return GOOD if state.gap >= 0 else NEITHER


def change_sign(moved: Change | None, *, is_higher_better: bool) -> int | None:
    """Bad when it really got worse, good when it got better or chance explains it easily."""
    if moved is None or moved.delta is None or moved.p_value is None:
        return None
    if not may_show_arrow(moved.n_before, moved.n_after):
        return None
    is_worse = moved.delta < 0 if is_higher_better else moved.delta > 0
    if not is_worse or moved.p_value > CALM_P:
        return GOOD
    return BAD if moved.is_real else NEITHER


def _drift_sign(
    target: Target,
    measure: Measure,
    subject: Subject,
    period: Period,
    acknowledged: date | None,
) -> tuple[int | None, date | None]:
    start = period.stop - timedelta(weeks=TREND_WEEKS)
    found = measures.weeks(measure, subject, start, period.stop)
    seen = acknowledged or date.min
    over = sum(bucket.start <= seen for bucket, _ in found)
    moving = drifts(
        [week for _, week in found],
        bad="down" if target.is_higher_better else "up",
        acknowledged=over - 1,
    )
    last = moving[-1] if moving else None
    if last is None:
        return None, None
    sign = BAD if last.strength > 1 else GOOD if last.strength < CALM_DRIFT else NEITHER
    return sign, found[last.since][0].start


def periods_back(target: Target, on: date) -> Sequence[Judged]:
    """Judge the periods a page looks back over, oldest first."""
    count = spans.SHOWN[target.period]
    return [judge(target, period) for period in spans.back(target.period, on, count=count)]
