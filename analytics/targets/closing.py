"""Close the periods of a target that have settled: once each, and never again."""

from __future__ import annotations

from datetime import date

from analytics.periods import Period, settling
from analytics.targets import spans
from analytics.targets.judging import Judged, judge
from analytics.targets.models import Target, TargetClose
from outbox.days import local_date

MOST_AT_ONCE = 24  # periods closed in one go, after a long time without a worker


def close(target: Target, on: date) -> int:
    """Keep what every settled period came to that ended since the target is there.

    Rolling days have no end to close; their mornings are kept one by one.
    """
    if not spans.is_calendar(target.period):
        return 0
    since = local_date(target.created_at)
    closed = set(target.closes.values_list("start", flat=True))
    wanted: list[Period] = []
    period = spans.before(target.period, spans.running(target.period, on))
    while period.stop > since and len(wanted) < MOST_AT_ONCE:
        if period.stop + settling() <= on and period.start not in closed:
            wanted.append(period)
        period = spans.before(target.period, period)
    rows = [_row(target, judge(target, period)) for period in wanted]
    TargetClose.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(target: Target, judged: Judged) -> TargetClose:
    return TargetClose(
        target=target,
        direction=target.direction,
        goal=target.goal,
        definition_version=judged.result.definition_version,
        **facts_of(judged),
    )


def facts_of(judged: Judged) -> dict[str, object]:
    """Return a judgement as the columns of a Judgement."""
    result, interval = judged.result, judged.result.interval
    return {
        "start": judged.period.start,
        "stop": judged.period.stop,
        "value": None if result.value is None else float(result.value),
        "low": None if interval is None else float(interval.low),
        "high": None if interval is None else float(interval.high),
        "n": result.n,
        "state": judged.state.state or "",
        "reason": judged.state.reason,
    }
