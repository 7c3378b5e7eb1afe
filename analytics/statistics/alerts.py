"""When a warning starts and ends: hysteresis, so that it does not flicker, and a cool-down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, NamedTuple

Kind = Literal["raise", "clear"]


class AlertEvent(NamedTuple):
    """`position` (from 0) of the value that raised or cleared the alert."""

    position: int
    kind: Kind


class Watch(NamedTuple):
    """What is remembered between two values: is it raised, how many bad ones ran together."""

    is_raised: bool = False
    run: int = 0


def watched(
    watch: Watch,
    value: float | None,
    *,
    raise_below: float,
    clear_above: float,
    consecutive: int = 2,
) -> tuple[Watch, Kind | None]:
    """Return what is remembered after one more value, and what it raised or cleared.

    Unknown values (None) are skipped: they neither count nor interrupt.
    ValueError if the bounds are the wrong way round.
    """
    _check(raise_below, clear_above)
    if value is None:
        return watch, None
    run = watch.run + 1 if value < raise_below else 0
    if not watch.is_raised and run >= consecutive:
        return Watch(True, run), "raise"
    if watch.is_raised and value > clear_above:
        return Watch(False, 0), "clear"
    return Watch(watch.is_raised, run), None


def _check(raise_below: float, clear_above: float) -> None:
    if clear_above < raise_below:
        raise ValueError(f"clearing above {clear_above} but raising below {raise_below}")


def alert_events(
    series: Iterable[float | None],
    *,
    raise_below: float,
    clear_above: float,
    consecutive: int = 2,
) -> list[AlertEvent]:
    """Raise after `consecutive` values under one bound, clear over the other. As `watched`."""
    _check(raise_below, clear_above)
    events: list[AlertEvent] = []
    watch = Watch()
    for index, value in enumerate(series):
        watch, kind = watched(
            watch,
            value,
            raise_below=raise_below,
            clear_above=clear_above,
            consecutive=consecutive,
        )
        if kind:
            events.append(AlertEvent(index, kind))
    return events


def is_quiet(day: date, told: Iterable[date], *, days: int) -> bool:
    """Say whether somebody was told less than `days` before: a cool-down still runs."""
    return any(timedelta(0) <= day - before < timedelta(days=days) for before in told)
