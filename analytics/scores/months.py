"""A survey month by month: each as it is now, and as it was published when it was closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from analytics.periods import Period, month_of, settling
from analytics.scores.models import Snapshot, Tally
from analytics.scores.queries import Counts
from analytics.scores.values import score
from analytics.statistics.guards import guarded
from analytics.statistics.histograms import total
from analytics.statistics.result import Interval, Result, null
from outbox.days import zone
from outbox.prepared import Lookup
from surveys.models import Survey

SHOWN = 13
_CLOSED = Lookup(
    lambda survey, first, stop: Snapshot.objects.filter(
        survey=survey, month__gte=first, month__lt=stop
    ).order_by("month")
)


@dataclass(frozen=True, slots=True)
class Restated:
    """What moved a month after it was closed. Counts are net: what came and went is not seen.

    `delta` is in the unit of the score, None when one side shows no score.
    """

    delta: float | None
    later: int  # answers that came in since
    erased: int
    held: int  # counted then, held as a machine's since
    restored: int
    changed: int  # the same answers with another score


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month. `closed` is its score as published, None while it is open."""

    period: Period
    score: Result
    held: int
    snapshot: Snapshot | None
    closed: Result | None
    restated: Restated | None

    @property
    def closes_on(self) -> date:
        return self.period.stop + settling()


def months_of(
    survey: Survey, on: date, *, count: int = SHOWN, closed: Iterable[Snapshot] | None = None
) -> tuple[Month, ...]:
    """Return the months up to that of the day `on`, oldest first, from the first answer on.

    Two queries; one when `closed_months` were read before.
    """
    periods = _periods(on, count)
    counted = _counts(survey, periods[0].start, periods[-1].stop)
    rows = closed_months(survey, on, count=count) if closed is None else closed
    kept = {row.month: row for row in rows}
    found = [
        _month(survey, period, counted.get(period.start, ({}, 0)), kept.get(period.start))
        for period in periods
    ]
    first = next((i for i, m in enumerate(found) if m.score.n or m.held or m.snapshot), len(found))
    return tuple(found[first:])


def closed_months(survey: Survey, on: date, *, count: int = SHOWN) -> tuple[Snapshot, ...]:
    """Return what was kept of the closed ones among these months."""
    periods = _periods(on, count)
    first, stop = periods[0].start, periods[-1].stop
    return tuple(_CLOSED.every(survey.pk, first.isoformat(), stop.isoformat()))


def _periods(on: date, count: int) -> list[Period]:
    """Return so many months, oldest first, the last one that of the day `on`."""
    periods = [month_of(on)]
    while len(periods) < count:
        periods.append(month_of(periods[-1].start - timedelta(days=1)))
    return periods[::-1]


def _counts(survey: Survey, start: date, stop: date) -> dict[date, tuple[Counts, int]]:
    """Return (histogram of counted answers, number held) by first day of the month."""
    rows = (
        Tally.objects.filter(
            survey=survey, facet__in=("all", "quarantined"), day__gte=start, day__lt=stop
        )
        .annotate(month=TruncMonth("day"))
        .order_by()
        .values_list("month", "facet", "score")
        .annotate(n=Sum("count"))
    )
    found: dict[date, tuple[Counts, int]] = {}
    for month, facet, value, n in rows:
        counts, held = found.get(month, ({}, 0))
        if facet == "all":
            counts[value] = n
        else:
            held += n
        found[month] = (counts, held)
    return found


def _month(
    survey: Survey, period: Period, now: tuple[Counts, int], snapshot: Snapshot | None
) -> Month:
    counts, held = now
    result = score(survey, counts).for_period(str(period), zone=str(zone()))
    closed = None if snapshot is None else published(snapshot, result)
    return Month(
        period=period,
        score=result,
        held=held,
        snapshot=snapshot,
        closed=closed,
        restated=None
        if snapshot is None or closed is None
        else restated(snapshot, counts, held, delta=_delta(closed, result)),
    )


def published(snapshot: Snapshot, like: Result) -> Result:
    """Return a closed month's score as it may be shown, in the unit of a result like it."""
    if snapshot.value is None:
        return null(like.unit, "no_responses", convention=like.convention)
    interval = (
        None
        if snapshot.low is None or snapshot.high is None
        else Interval(snapshot.low, snapshot.high, 0.95, snapshot.method)
    )
    return guarded(
        Result(
            value=snapshot.value,
            unit=like.unit,
            n=snapshot.n,
            interval=interval,
            convention=like.convention,
            period=like.period,
            zone=snapshot.zone,
            definition_version=snapshot.definition_version,
        )
    )


def _delta(closed: Result, now: Result) -> float | None:
    if closed.value is None or now.value is None:
        return None
    return float(now.value) - float(closed.value)


def restated(
    snapshot: Snapshot, counts: Counts, held: int, *, delta: float | None
) -> Restated | None:
    """Return what moved since, None when the same answers count as then."""
    then = {int(value): n for value, n in snapshot.counts.items() if n}
    now = {value: n for value, n in counts.items() if n}
    if then == now:
        return None
    received = total(now) + held - total(then) - snapshot.held
    moved = held - snapshot.held
    grown = sum(max(0, now.get(value, 0) - then.get(value, 0)) for value in now)
    return Restated(
        delta=delta,
        later=max(0, received),
        erased=max(0, -received),
        held=max(0, moved),
        restored=max(0, -moved),
        changed=grown if not received and not moved else 0,
    )
