"""Charts of this wing as coordinates: the bridge of recurring revenue, columns of a histogram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.charts.axes import Axis, px, steps


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a bridge: its name, a signed amount (a level for the ends), a note below."""

    name: str
    amount: float
    note: str = ""
    is_level: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str
    label_y: str
    name: str
    note: str
    tone: str  # level, end, positive or negative
    is_cut: bool
    join: tuple[str, str, str] | None  # x1, x2, y of the line to the next bar


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything drawn; `cut` is what the axis starts at, "" when it starts at nothing."""

    width: str
    height: str
    left: str
    right: str
    foot: str
    name_y: str
    note_y: str
    grid: tuple[tuple[str, str], ...]  # y, label
    bars: tuple[Bar, ...]
    cut: str


def draw_bridge(
    levels: Sequence[Step],
    *,
    width: float,
    text: Callable[[float], str],
    step_text: Callable[[float], str],
) -> Drawing | None:
    """Draw from one level through its steps to another; None when both ends are nothing.

    The first and the last step are levels. Where the steps are small beside
    them the axis starts above zero and the ends are marked as cut.
    """
    tops, level = [], 0.0
    for step in levels:
        before = 0.0 if step.is_level else level
        level = step.amount if step.is_level else level + step.amount
        tops.append((before, level))
    highest = max(max(pair) for pair in tops)
    if highest <= 0:
        return None
    walked = [value for pair, step in zip(tops, levels, strict=True) for value in pair if value]
    lowest = min(walked)
    floor = lowest - 0.45 * (highest - lowest) if lowest > 0.5 * highest else 0.0
    ticks = steps(floor, highest, most=5)
    is_cut = ticks[0] > 0
    height = 340.0 if width >= 500 else 290.0
    left = 64.0 if width >= 500 else 48.0
    y = Axis(ticks[0], ticks[-1], height - 52, 26.0)
    room = (width - 8 - left) / len(levels)
    bars = []
    for index, (step, (before, after)) in enumerate(zip(levels, tops, strict=True)):
        start = left + room * (index + 0.19)
        top, foot = y.clipped(max(before, after)), y.clipped(min(before, after))
        has_next = index + 1 < len(levels)
        bars.append(
            Bar(
                x=px(start),
                y=px(top),
                width=px(room * 0.62),
                height=px(max(1.0, foot - top)),
                middle=px(start + room * 0.31),
                label=text(step.amount) if step.is_level else step_text(step.amount),
                label_y=px(top - 8),
                name=step.name,
                note=step.note,
                tone=_tone(step, is_last=not has_next),
                is_cut=step.is_level and is_cut,
                join=(px(start + room * 0.62), px(start + room), px(y.clipped(after)))
                if has_next
                else None,
            )
        )
    return Drawing(
        width=px(width),
        height=px(height),
        left=px(left),
        right=px(width - 8),
        foot=px(y.start),
        name_y=px(height - 34),
        note_y=px(height - 17),
        grid=tuple((px(y.at(tick)), text(tick)) for tick in ticks),
        bars=tuple(bars),
        cut=text(ticks[0]) if is_cut else "",
    )


def _tone(step: Step, *, is_last: bool) -> str:
    if step.is_level:
        return "end" if is_last else "level"
    return "positive" if step.amount >= 0 else "negative"


@dataclass(frozen=True, slots=True)
class Bin:
    """One column of a histogram: values from `low` up to `high`."""

    low: float
    high: float
    count: int


def binned(ordered: Any, *, most: int = 12) -> list[Bin]:
    """Sort values (0 or more) into equal bins with round borders, the last 2 % in the last bin.

    `ordered` is a column of numbers in their order: there may be a million.
    """
    import numpy

    if not len(ordered):
        return []
    edge = float(ordered[min(len(ordered) - 1, int(len(ordered) * 0.98))])
    borders = steps(0.0, max(edge, 1e-9), most=most)
    width = borders[1] - borders[0] if len(borders) > 1 else 1.0
    last = max(1, len(borders) - 1) - 1
    places = numpy.minimum(ordered / width, last).astype(int)
    counts = numpy.bincount(places, minlength=last + 1).tolist()
    return [Bin(i * width, (i + 1) * width, count) for i, count in enumerate(counts)]
