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


def draw_ruler(
    now: Span, before: Span | None, *, bounds: tuple[float, float], least: float
) -> Ruler:
    spans = [now, before] if before else [now]
    ends = axis_for(
        [value for span in spans for value in (span.low, span.high)], bounds=bounds, least=least
    )
    axis = Axis(ends[0], ends[1], 0.0, 1.0)
    lowest = min(axis.clipped(span.value) for span in spans)
    highest = max(axis.clipped(span.value) for span in spans)
    return Ruler(
        now=_place(now, axis, is_lower=before is not None and now.value < before.value),
        before=_place(before, axis, is_lower=before.value <= now.value) if before else None,
        ends=ends,
        shows_low_end=lowest - (_LABEL if before else _LABEL / 2) > _END,
        shows_high_end=highest + _LABEL < 1 - _END,
    )


def _place(span: Span, axis: Axis, *, is_lower: bool) -> Place:
    at = axis.clipped(span.value)
    anchor = "end" if is_lower else "start"
    if is_lower and at < _LABEL:
        anchor = "middle" if at > _LABEL / 2 else "start"
    elif not is_lower and at > 1 - _LABEL:
        anchor = "middle" if at < 1 - _LABEL / 2 else "end"
    low, high = axis.clipped(span.low), axis.clipped(span.high)
    return Place(percent(at), percent(low), percent(high - low), anchor)
