"""When a warning starts and ends: hysteresis, so that it does not flicker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple


class AlertEvent(NamedTuple):
    """`position` (from 0) of the value that raised or cleared the alert."""

    position: int
    kind: Literal["raise", "clear"]


def alert_events(
    series: Iterable[float | None],
    *,
    raise_below: float,
    clear_above: float,
    consecutive: int = 2,
) -> list[AlertEvent]:
    """Raise after `consecutive` values under one bound, clear over the other.

    Unknown values (None) are skipped: they neither count nor interrupt.
    ValueError if the bounds are the wrong way round.
    """
    if clear_above < raise_below:
        raise ValueError(f"clearing above {clear_above} but raising below {raise_below}")
    events: list[AlertEvent] = []
    is_raised, run = False, 0
    for index, value in enumerate(series):
        if value is None:
            continue
        run = run + 1 if value < raise_below else 0
        if not is_raised and run >= consecutive:
            is_raised = True
            events.append(AlertEvent(index, "raise"))
        elif is_raised and value > clear_above:
            is_raised, run = False, 0
            events.append(AlertEvent(index, "clear"))
    return events
