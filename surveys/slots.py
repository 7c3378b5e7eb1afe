"""When a campaign's mails leave: spread evenly, on weekday mornings where each person is. Pure.

Wall-clock hours are counted in the person's own zone, so that 9:00 stays 9:00
when the clocks change. Nothing is ever moved to an earlier moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

MORNING = (time(9), time(12))  # the end excluded
_SECONDS = 3 * 3600  # of a morning
_ZONE_PROPERTIES = ("time_zone", "timezone")
_WHOLE = 2**64
# Multiples of the golden ratio: numbers that follow each other lie far apart, any run of
# them is spread evenly, and the same number always lies at the same place.
_STEP = 0x9E3779B97F4A7C15
_FURTHER = 0xD1B54A32D192ED03


@dataclass(frozen=True, slots=True)
class Plan:
    """How the mails of one wave are placed: from when, over how many days, in the morning only."""

    opens_at: datetime
    spread_days: int = 0
    is_morning: bool = False


def slot(plan: Plan, number: int, zone: ZoneInfo) -> datetime:
    """Return when the person of this number gets the mail; the same number, the same place."""
    place = number * _STEP % _WHOLE / _WHOLE
    if not plan.is_morning:
        return plan.opens_at + timedelta(days=plan.spread_days) * place
    first = plan.opens_at.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(max(plan.spread_days, 1))]
    weekdays = [day for day in days if day.weekday() < 5] or days[-1:]
    at = _morning(weekdays[int(place * len(weekdays))], number, zone)
    if at < plan.opens_at or not is_morning(at, zone):
        return morning_from(plan.opens_at, number, zone)
    return at


def morning_from(moment: datetime, number: int, zone: ZoneInfo) -> datetime:
    """Return the first weekday morning at or after a moment, at this number's minute of it.

    A moment that lies in a morning already stays where it is.
    """
    if is_morning(moment, zone):
        return moment
    day = moment.astimezone(zone).date()
    for ahead in range(8):
        at = _morning(day + timedelta(days=ahead), number, zone)
        if at >= moment and is_morning(at, zone):
            return at
    return moment  # a zone without a morning in eight days: none is known


def is_morning(moment: datetime, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    return local.weekday() < 5 and MORNING[0] <= local.time() < MORNING[1]


def _morning(day: date, number: int, zone: ZoneInfo) -> datetime:
    seconds = int(number * _FURTHER % _WHOLE / _WHOLE * _SECONDS)
    local = datetime.combine(day, MORNING[0]) + timedelta(seconds=seconds)
    return local.replace(tzinfo=zone).astimezone(UTC)


def zone_of(properties: Mapping[str, Any], default: ZoneInfo) -> ZoneInfo:
    """Return the zone a contact's properties name (Europe/Berlin), else the default."""
    for name in _ZONE_PROPERTIES:
        if (text := properties.get(name)) and isinstance(text, str):
            return _zone(text.strip()[:60]) or default
    return default


@lru_cache(maxsize=700)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder of zones
        return None
