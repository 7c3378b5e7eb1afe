"""Where people struggle: the metric, and what they struggled with, for page and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from analytics.periods import Period
from analytics.statistics.result import Result, null
from analytics.success.metrics import friction as pure
from analytics.success.queries import Facts
from analytics.success.reports import provisional


def _days(facts: Facts, period: Period) -> tuple[date, date] | None:
    """Return the days of a period on which somebody was watching, None without any."""
    since = facts.watched_since
    if since is None or period.stop <= since:
        return None
    return max(period.start, since), period.stop


def friction(facts: Facts, period: Period) -> Result:
    """Active users who struggled; no figure, rather than none, before anybody watched."""
    days = _days(facts, period)
    if days is None:
        reason = "insufficient_history" if facts.watched_since else "not_configured"
        return null("fraction", reason, convention=pure.CONVENTION)  # type: ignore[arg-type]
    result = pure.friction(facts.struggles(*days), facts.came(*days))
    is_part = days[0] > period.start
    parts = result.parts | {"part_day": days[0].isoformat() if is_part else None}
    return provisional(replace(result, parts=parts), facts, period)


def spots(facts: Facts, period: Period) -> list[pure.Spot]:
    """Return what people struggled with in a period, compared with the span before as long.

    There is no comparison unless all days of the span before were watched.
    """
    days = _days(facts, period)
    if days is None:
        return []
    before = Period(period.start - timedelta(days=period.days), period.start)
    if _days(facts, before) != (before.start, before.stop):
        return pure.spots(facts.struggles(*days), facts.came(*days))
    earlier = before.start, before.stop
    return pure.spots(
        facts.struggles(*days),
        facts.came(*days),
        before=facts.struggles(*earlier),
        came_before=facts.came(*earlier),
    )


def places(facts: Facts, period: Period) -> Mapping[str, Result]:
    """Return place -> share of active users who struggled there, the largest first."""
    days = _days(facts, period)
    return pure.by_place(facts.struggles(*days), facts.came(*days)) if days else {}
