"""Alarms of a target: started by two bad mornings, ended by a good one, told once.

Level and change start on the second bad morning in a row and drift on the
first, because its charts wait by themselves; what lies between bad and good
leaves an alarm as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone

from analytics.statistics.alerts import Watch, is_quiet, watched
from analytics.targets.closing import facts_of
from analytics.targets.judging import NEITHER, Outlook, Signs, outlook, signs
from analytics.targets.models import Alarm, Target, TargetDay
from outbox.days import local_date
from outbox.transactions import write

CONSECUTIVE = {Alarm.Kind.LEVEL: 2, Alarm.Kind.CHANGE: 2, Alarm.Kind.DRIFT: 1}
_REMEMBERED = 30  # mornings that can still be part of a run


@dataclass(frozen=True, slots=True)
class Look:
    """How a target stands on a day and what its alarms hear."""

    outlook: Outlook
    signs: Signs


def look(target: Target, day: date) -> Look:
    """Read the numbers; nothing is written."""
    seen = outlook(target, day)
    return Look(seen, signs(target, seen, acknowledged=_acknowledged(target)))


def _acknowledged(target: Target) -> date | None:
    """Return the day up to which drift is over and done: somebody has seen it."""
    rows = target.alarms.filter(kind=Alarm.Kind.DRIFT, acknowledged_at__isnull=False)
    found = rows.aggregate(last=Max("acknowledged_at"))["last"]
    return local_date(found) if found else None


def note(target: Target, day: date, seen: Look) -> list[Alarm]:
    """Keep a morning and start or end alarms; return those that started.

    Runs again on the same day without doing anything twice. Runs in the
    caller's transaction.
    """
    Target.objects.select_for_update().get(pk=target.pk)
    facts: dict[str, Any] = facts_of(seen.outlook.deciding)
    told = {kind: getattr(seen.signs, kind) for kind in Alarm.Kind.values}
    TargetDay.objects.update_or_create(target=target, day=day, defaults={**facts, **told})
    started = []
    for kind in Alarm.Kind:
        alarm = target.alarms.filter(kind=kind, ended_date__isnull=True).first()
        event = _event(target, kind, alarm, day)
        if event == "raise":
            started.append(_start(target, kind, day, seen, facts))
        elif event == "clear" and alarm is not None:
            _end(alarm, day)
    return started


def _event(target: Target, kind: Alarm.Kind, alarm: Alarm | None, day: date) -> str | None:
    """Return what today's sign does, given the mornings since the last start or end."""
    ended = target.alarms.filter(kind=kind).aggregate(last=Max("ended_date"))["last"]
    since = max(date_ for date_ in (target.judged_from, ended) if date_)
    rows = target.days.filter(day__gte=since, day__lte=day).order_by("-day")
    signs_ = list(rows.values_list(str(kind), flat=True)[:_REMEMBERED])[::-1]
    watch = Watch(is_raised=alarm is not None)
    # An open alarm only listens to today; a new one counts the mornings up to it.
    for sign in signs_[-1:] if alarm else signs_:
        watch, _ = watched(
            watch,
            sign,
            raise_below=NEITHER,
            clear_above=NEITHER,
            consecutive=CONSECUTIVE[kind],
        )
    if watch.is_raised == (alarm is not None):
        return None
    return "raise" if watch.is_raised else "clear"


def _start(target: Target, kind: Alarm.Kind, day: date, seen: Look, facts: dict[str, Any]) -> Alarm:
    return Alarm.objects.create(
        target=target,
        kind=kind,
        started_date=day,
        since_date=seen.signs.since if kind == Alarm.Kind.DRIFT else None,
        goal=target.goal,
        **{name: facts[name] for name in ("value", "low", "high", "n")},
    )


def _end(alarm: Alarm, day: date) -> None:
    # The charts of a drift start afresh once it is acknowledged: calm is not recovery.
    is_seen = alarm.kind == Alarm.Kind.DRIFT and alarm.acknowledged_at is not None
    alarm.ended_date = day
    alarm.end = Alarm.End.STEADY if is_seen else Alarm.End.RECOVERED
    alarm.save(update_fields=["ended_date", "end"])


def may_tell(target: Target, started: Sequence[Alarm], day: date) -> bool:
    """Mark those of the started alarms that are told by mail; say whether there are any.

    Within the cool-down of a kind its next alarm is shown, not mailed.
    """
    told = [alarm for alarm in started if _has_somebody(target) and not _is_quiet(alarm, day)]
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in told]).update(is_told=True)
    return bool(told)


def _has_somebody(target: Target) -> bool:
    owner = target.owner
    return bool(owner and owner.email and owner.is_active)


def _is_quiet(alarm: Alarm, day: date) -> bool:
    earlier = Alarm.objects.filter(target=alarm.target_id, kind=alarm.kind, is_told=True)
    days = earlier.exclude(pk=alarm.pk).values_list("started_date", flat=True)
    return is_quiet(day, days, days=alarm.target.quiet_days)


# ---- What people do ------------------------------------------------------------------------


def acknowledge(alarm: Alarm, *, by: str) -> bool:
    """Put on record that somebody looks after it. False when somebody did before."""
    with write():
        rows = Alarm.objects.filter(pk=alarm.pk, acknowledged_at__isnull=True)
        return bool(rows.update(acknowledged_at=timezone.now(), acknowledged_by=by[:150]))


def end_all(target: Target, day: date) -> None:
    """End what an earlier goal raised: the target says something else now."""
    target.alarms.filter(ended_date__isnull=True).update(ended_date=day, end=Alarm.End.CHANGED)
