"""Weekly trends and the alarms that tell a lasting move from noise.

Two charts on the same standardised weeks: EWMA (lambda 0.2, L 2.86: one false
alarm in 371 weeks) and CUSUM (k 0.5, h 5: one in 465). A slow slide shows
here months before a plain three-sigma chart. Source: Montgomery; run lengths
computed (docs/metrics.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Literal

from analytics.statistics.histograms import Histogram, merged, total

WEEK_MINIMUM = 10
BASELINE_WEEKS = 12
CUSUM_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Answers of the half-open days `start`..`stop`; `is_short` if still too few."""

    start: date
    stop: date
    histogram: Mapping[int, int]
    is_short: bool = False

    @property
    def n(self) -> int:
        return total(self.histogram)


def weekly_buckets(days: Mapping[date, Histogram], *, minimum: int = WEEK_MINIMUM) -> list[Bucket]:
    """Return Monday weeks, each joined with the following ones until n >= `minimum`.

    Only the last bucket can stay short; alarms leave it out.
    """
    weeks: dict[date, list[Histogram]] = {}
    for day, histogram in days.items():
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(histogram)
    buckets: list[Bucket] = []
    start: date | None = None
    held: list[Histogram] = []
    for monday in sorted(weeks):
        start = start or monday
        held += weeks[monday]
        counted = merged(held)
        is_short = total(counted) < minimum
        bucket = Bucket(start, monday + timedelta(days=7), counted, is_short)
        if not is_short or monday == max(weeks):
            buckets.append(bucket)
            start, held = None, []
    return buckets


@dataclass(frozen=True, slots=True)
class Week:
    """One bucket's value, the variance of a single answer, and n, in one unit.

    NPS: points, 10000 times the variance on the -1..1 scale.
    """

    value: float
    variance: float
    n: int


@dataclass(frozen=True, slots=True)
class Ewma:
    """Smoothed series with its limits; `first_signal` counts from 1."""

    values: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    first_signal: int | None


@dataclass(frozen=True, slots=True)
class Cusum:
    """Both cumulative sums and how long each has been above zero."""

    upper: tuple[float, ...]
    lower: tuple[float, ...]
    run_upper: tuple[int, ...]
    run_lower: tuple[int, ...]
    first_signal: int | None


def ewma(
    series: Sequence[float],
    *,
    target: float = 0.0,
    sd: float = 1.0,
    smoothing: float = 0.2,
    limit: float = 2.86,
    is_steady: bool = False,
) -> Ewma:
    """Return the exponentially weighted average; `limit` is L in standard deviations.

    `is_steady` uses the limits of a long-running chart from the first point.
    """
    current, values, lower, upper = target, [], [], []
    for index, x in enumerate(series, start=1):
        current = smoothing * x + (1 - smoothing) * current
        warmed = 1.0 if is_steady else 1 - (1 - smoothing) ** (2 * index)
        half = limit * sd * sqrt(smoothing / (2 - smoothing) * warmed)
        values.append(current)
        lower.append(target - half)
        upper.append(target + half)
    outside = (
        index
        for index, (low, value, high) in enumerate(zip(lower, values, upper, strict=True), start=1)
        if not low <= value <= high
    )
    return Ewma(tuple(values), tuple(lower), tuple(upper), next(outside, None))


def cusum(
    series: Sequence[float], *, target: float = 0.0, slack: float = 0.5, limit: float = CUSUM_LIMIT
) -> Cusum:
    """Return the tabular CUSUM; `slack` is k and `limit` h, in units of the series."""
    upper, run_upper = _one_sided([x - target for x in series], slack)
    lower, run_lower = _one_sided([target - x for x in series], slack)
    outside = (
        index
        for index, (up, down) in enumerate(zip(upper, lower, strict=True), start=1)
        if max(up, down) > limit
    )
    return Cusum(upper, lower, run_upper, run_lower, next(outside, None))


def _one_sided(
    deviations: Sequence[float], slack: float
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    sums: list[float] = []
    runs: list[int] = []
    current, run = 0.0, 0
    for deviation in deviations:
        # what rounding leaves of an exact zero must not start a run
        current = max(0.0, round(current + deviation - slack, 12))
        run = run + 1 if current > 0 else 0
        sums.append(current)
        runs.append(run)
    return tuple(sums), tuple(runs)


def standardise(
    points: Sequence[tuple[float, float]], *, baseline: float, variance: float
) -> list[float]:
    """Turn (value, n) into z scores; `variance` is that of one answer, in value units squared."""
    return [(value - baseline) / sqrt(variance / n) for value, n in points]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Centre and single-answer variance of the calm weeks."""

    value: float
    variance: float
    n: int


def baseline_of(weeks: Sequence[Week]) -> Baseline | None:
    """Pool the weeks by their answers; None without answers or spread."""
    n = sum(week.n for week in weeks)
    if not n:
        return None
    value = sum(week.n * week.value for week in weeks) / n
    within = sum(week.n * week.variance for week in weeks) / n
    return Baseline(value, within, n) if within > 0 else None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A lasting move: `week` (index, from 0) it was noticed, `since` it likely began."""

    week: int
    since: int
    chart: Literal["ewma", "cusum"]
    direction: Literal["up", "down"]


def alarms(
    weeks: Sequence[Week], *, baseline_weeks: int = BASELINE_WEEKS, acknowledged: int = -1
) -> list[Alarm]:
    """Return the first alarm of each chart after the baseline, oldest first.

    The first `baseline_weeks` set the level; fewer give no alarm. Weeks up to
    index `acknowledged` are over and done: both charts start afresh after it.
    """
    calm = baseline_of(weeks[:baseline_weeks])
    if calm is None or len(weeks) < baseline_weeks:
        return []
    start = max(baseline_weeks, acknowledged + 1)
    points = [(week.value, week.n) for week in weeks[start:]]
    z = standardise(points, baseline=calm.value, variance=calm.variance)
    found = [alarm for alarm in (_ewma_alarm(z, start), _cusum_alarm(z, start)) if alarm]
    return sorted(found, key=lambda alarm: alarm.week)


def _ewma_alarm(z: Sequence[float], start: int) -> Alarm | None:
    chart = ewma(z)
    if chart.first_signal is None:
        return None
    last = chart.first_signal - 1
    side: Literal["up", "down"] = "up" if chart.values[last] > 0 else "down"
    return Alarm(start + last, start + _began(chart.values, last), "ewma", side)


def _cusum_alarm(z: Sequence[float], start: int) -> Alarm | None:
    chart = cusum(z)
    if chart.first_signal is None:
        return None
    last = chart.first_signal - 1
    is_up = chart.upper[last] >= chart.lower[last]
    run = (chart.run_upper if is_up else chart.run_lower)[last]
    return Alarm(start + last, start + last - run + 1, "cusum", "up" if is_up else "down")


@dataclass(frozen=True, slots=True)
class Drift:
    """How near a week is to the limit of a chart (1 is at it), and since which week it moves."""

    strength: float
    since: int


def drifts(
    weeks: Sequence[Week],
    *,
    bad: Literal["up", "down"],
    baseline_weeks: int = BASELINE_WEEKS,
    acknowledged: int = -1,
) -> list[Drift | None]:
    """Return for every week how far it has drifted to the bad side, by the stronger chart.

    None in the weeks that set the level, and up to index `acknowledged`: both
    charts start afresh after it. Over 1 is outside the limits of `alarms`.
    """
    calm = baseline_of(weeks[:baseline_weeks])
    start = max(baseline_weeks, acknowledged + 1)
    if calm is None or len(weeks) <= start:
        return [None] * len(weeks)
    points = [(week.value, week.n) for week in weeks[start:]]
    z = standardise(points, baseline=calm.value, variance=calm.variance)
    worse = z if bad == "up" else [-x for x in z]
    smooth, summed = ewma(worse), cusum(worse)
    found: list[Drift | None] = [None] * start
    for index in range(len(worse)):
        by_ewma = smooth.values[index] / smooth.upper[index]
        by_cusum = summed.upper[index] / CUSUM_LIMIT
        is_ewma = by_ewma >= by_cusum
        began = _began(smooth.values, index) if is_ewma else index - summed.run_upper[index] + 1
        found.append(Drift(max(by_ewma, by_cusum, 0.0), start + min(began, index)))
    return found


def _began(values: Sequence[float], last: int) -> int:
    """Return the first of the values up to `last` that lie on its side without a break."""
    is_up = values[last] > 0
    return next((i + 1 for i in range(last, -1, -1) if (values[i] > 0) != is_up), 0)
