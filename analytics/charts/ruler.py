"""Now and before on one line, so that an overlap is seen before it is read."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.charts.axes import Axis, percent
from analytics.charts.bars import axis_for

_LABEL = 0.24  # room a label needs, as a part of the line
_END = 0.12


@dataclass(frozen=True, slots=True)
class Span:
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Place:
    """One value on the line; `anchor` keeps its label clear of the other's."""

    at: str
    low: str
    width: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """`ends` are the values at both ends; an end is hidden where a label needs the room."""

    now: Place
    before: Place | None
    ends: tuple[float, float]
    shows_low_end: bool
    shows_high_end: bool
    is_stacked: bool  # the labels would meet: the one of before goes below


def draw_ruler(
    now: Span, before: Span | None, *, bounds: tuple[float, float], least: float
) -> Ruler:
    spans = [now, before] if before else [now]
    ends = axis_for(
        [value for span in spans for value in (span.low, span.high)], bounds=bounds, least=least
    )
    axis = Axis(ends[0], ends[1], 0.0, 1.0)
    here = _place(now, axis, is_lower=before is not None and now.value < before.value)
    there = _place(before, axis, is_lower=before.value <= now.value) if before else None
    rooms = [_room(place) for place in (here, there) if place]
    is_stacked = len(rooms) == 2 and rooms[0][0] < rooms[1][1] and rooms[1][0] < rooms[0][1]
    return Ruler(
        now=here,
        before=there,
        ends=ends,
        shows_low_end=min(left for left, _ in rooms) > _END,
        shows_high_end=max(right for _, right in rooms) < 1 - _END,
        is_stacked=is_stacked,
    )


def _room(place: Place) -> tuple[float, float]:
    """Return where a label begins and ends, as parts of the line."""
    at = float(place.at.rstrip("%")) / 100
    before = {"start": 0.0, "middle": _LABEL / 2, "end": _LABEL}[place.anchor]
    return at - before, at - before + _LABEL


def _place(span: Span, axis: Axis, *, is_lower: bool) -> Place:
    at = axis.clipped(span.value)
    anchor = "end" if is_lower else "start"
    if is_lower and at < _LABEL:
        anchor = "middle" if at > _LABEL / 2 else "start"
    elif not is_lower and at > 1 - _LABEL:
        anchor = "middle" if at < 1 - _LABEL / 2 else "end"
    low, high = axis.clipped(span.low), axis.clipped(span.high)
    return Place(percent(at), percent(low), percent(high - low), anchor)
