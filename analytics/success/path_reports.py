"""How far people come on a path: one report for the page and the API."""

from __future__ import annotations

from datetime import timedelta

from analytics.periods import Period
from analytics.success.metrics.paths import PathReport, Walk, path_report, ripe
from analytics.success.metrics.paths import walked as walk_of
from analytics.success.models import Path
from analytics.success.queries import Facts


def walks_of(path: Path, facts: Facts, period: Period) -> list[Walk]:
    """Return everybody who began in the period, read once in one query."""
    return facts.once(
        ("walks", path.pk, period.start, period.stop), lambda: _read(path, facts, period)
    )


def _read(path: Path, facts: Facts, period: Period) -> list[Walk]:
    window, until = timedelta(days=path.window_days), facts.instants(period).stop
    found = []
    for user, customer, events in facts.happenings(path.steps, period, days=path.window_days):
        if reached := walk_of(events, path.steps, until=until, window=window):
            found.append(Walk(user, customer, reached))
    return found


def report_of(path: Path, facts: Facts, period: Period) -> PathReport:
    return path_report(
        walks_of(path, facts, period),
        path.steps,
        as_of=facts.as_of,
        window=timedelta(days=path.window_days),
    )


def stopped_at(path: Path, facts: Facts, period: Period, *, step: int) -> list[Walk]:
    """Return who came to a step (1 is the first) and no further in time, the newest first."""
    window = timedelta(days=path.window_days)
    walks = ripe(walks_of(path, facts, period), as_of=facts.as_of, window=window)
    return sorted(
        (walk for walk in walks if len(walk.reached) == step),
        key=lambda walk: walk.reached[-1],
        reverse=True,
    )
