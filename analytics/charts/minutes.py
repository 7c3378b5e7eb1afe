"""Minutes as bars on one line: what was done, and on top of it what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.axes import Axis, px, steps

_LEFT, _RIGHT, _TOP = 34.0, 6.0, 10.0
_HEIGHT, _FOOT = 168.0, 140.0
_LEAST = 4.0  # so that one event is no tower


@dataclass(frozen=True, slots=True)
class Minute:
    """What a bar stands for: its words, a label below it ("" for none), and two counts."""

    title: str
    label: str
    calm: int
    bad: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Both parts of a bar share x and width; a part without height is not there."""

    x: str
    width: str
    calm: tuple[str, str] | None  # y, height
    bad: tuple[str, str] | None
    title: str


@dataclass(frozen=True, slots=True)
class MinutesDrawing:
    width: str
    height: str
    left: str
    right: str
    foot: str
    label_y: str
    grid: tuple[tuple[str, str], ...]  # y, words
    labels: tuple[tuple[str, str], ...]  # x, words
    bars: tuple[Bar, ...]


def draw_minutes(minutes: Sequence[Minute], *, width: float) -> MinutesDrawing:
    """Return one bar a minute, the oldest at the left."""
    most = max([_LEAST, *(float(m.calm + m.bad) for m in minutes)])
    ticks = [tick for tick in steps(0.0, most, most=4) if tick == int(tick)]
    axis = Axis(0.0, ticks[-1], _FOOT, _TOP)
    pitch = (width - _LEFT - _RIGHT) / max(1, len(minutes))
    lefts = [_LEFT + pitch * place for place in range(len(minutes))]
    return MinutesDrawing(
        width=px(width),
        height=px(_HEIGHT),
        left=px(_LEFT),
        right=px(width - _RIGHT),
        foot=px(_FOOT),
        label_y=px(_FOOT + 18),
        grid=tuple((px(axis.at(tick)), f"{tick:g}") for tick in ticks),
        labels=tuple(
            (px(x + pitch / 2), m.label) for x, m in zip(lefts, minutes, strict=True) if m.label
        ),
        bars=tuple(
            _bar(m, axis, x=x + pitch * 0.12, width=pitch * 0.76)
            for x, m in zip(lefts, minutes, strict=True)
        ),
    )


def _bar(minute: Minute, axis: Axis, *, x: float, width: float) -> Bar:
    calm, top = axis.at(minute.calm), axis.at(minute.calm + minute.bad)
    return Bar(
        px(x),
        px(width),
        (px(calm), px(_FOOT - calm)) if minute.calm else None,
        (px(top), px(calm - top)) if minute.bad else None,
        minute.title,
    )
