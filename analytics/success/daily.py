"""When health is measured: every night, and soon after the first facts of a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from outbox.days import day_bounds
from outbox.jobs import Wanted

HEALTH = "health"
_AFTER_MIDNIGHT = timedelta(hours=2)  # the evening's facts have come in by then
_AFTER_FACTS = timedelta(minutes=15)  # the other kinds of facts follow the first one


def tonight(day: date) -> Wanted:
    """Ask for the health of a day, in its early hours."""
    return Wanted(
        HEALTH, day.toordinal(), f"{HEALTH}:{day}", due_at=day_bounds(day)[0] + _AFTER_MIDNIGHT
    )


def soon(day: date, now: datetime) -> Wanted:
    """Ask for the health of today, once, however often facts come in."""
    return Wanted(HEALTH, day.toordinal(), f"{HEALTH}:{day}:facts", due_at=now + _AFTER_FACTS)
