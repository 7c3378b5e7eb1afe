"""When the work of a day is done: every night, and soon after facts came in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from outbox.days import day_bounds
from outbox.jobs import Wanted

HEALTH = "health"
HEALTH_PART = "health-part"
PLAN = "figures-plan"
SIGNS = "account-signs"
_AFTER_MIDNIGHT = timedelta(hours=2)  # the evening's facts have come in by then
_AFTER_HEALTH = timedelta(hours=2, minutes=30)
_AFTER_FACTS = timedelta(minutes=15)  # the other kinds of facts follow the first one


def tonight(day: date) -> Wanted:
    """Ask for the health of a day, in its early hours."""
    return Wanted(
        HEALTH, day.toordinal(), f"{HEALTH}:{day}", due_at=day_bounds(day)[0] + _AFTER_MIDNIGHT
    )


def soon(day: date, now: datetime) -> Wanted:
    """Ask for the health of today, once, however often facts come in."""
    return Wanted(HEALTH, day.toordinal(), f"{HEALTH}:{day}:facts", due_at=now + _AFTER_FACTS)


def at_once() -> Wanted:
    """Ask for the health of today because a person wants it new."""
    return Wanted(HEALTH, 0, f"{HEALTH}:now", repeats=True)


def part_of_accounts(first: int, last: int) -> Wanted:
    """Ask for the health of the customers of these primary keys, both included."""
    return Wanted(HEALTH_PART, first, f"{HEALTH_PART}:{first}", f"{first}-{last}", repeats=True)


def signs_of(first: int, last: int) -> Wanted:
    """Ask for the warning signs of the customers of these primary keys, both included.

    Written where what they are made of was stored; a room above this wing looks for them.
    """
    return Wanted(SIGNS, first, f"{SIGNS}:{first}-{last}", f"{first}-{last}", repeats=True)


def plan_tonight(day: date) -> Wanted:
    """Ask for the figures of a large workspace to be looked over, in a day's early hours."""
    return Wanted(PLAN, day.toordinal(), f"{PLAN}:{day}", due_at=day_bounds(day)[0] + _AFTER_HEALTH)


def plan_soon(now: datetime) -> Wanted:
    """Ask for the figures to be looked over when a quarter of an hour with facts is over."""
    return plan_after(now.replace(minute=now.minute // 15 * 15, second=0) + _AFTER_FACTS)


def plan_after(at: datetime) -> Wanted:
    """Ask for the figures to be looked over, once, however often that is wanted."""
    ends = at.replace(second=0, microsecond=0)
    return Wanted(PLAN, ends.toordinal(), f"{PLAN}:{ends:%Y-%m-%dT%H:%M}", due_at=ends)


def plan_now() -> Wanted:
    """Ask for the figures to be looked over at once: they follow other rules from now on."""
    return Wanted(PLAN, 0, f"{PLAN}:now", repeats=True)
