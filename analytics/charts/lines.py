"""A value over time with its interval: the trend of a page, and the spark line of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.charts.axes import Axis, domain, px, thinned


@dataclass(frozen=True, slots=True)
class Point:
    """A value of the days `start`..`stop` (excluded); None where there are too few answers."""

    start: date
    stop: date
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    title: str = ""
    is_faint: bool = False

    @property
    def middle(self) -> float:
        return (self.start.toordinal() + self.stop.toordinal()) / 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the value can be at all, and the least the axis must span."""

    low: float
    high: float
    least: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A level line over some days, with the words that stand at its top."""

    start: date
    stop: date
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A value to reach, drawn across the whole chart with its words above its end."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign above one point, for example an alarm; `is_bad` needs a person."""

    day: date
    label: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Dot:
    x: str
    y: str
    title: str
    is_faint: bool


@dataclass(frozen=True, slots=True)
class Label:
    x: str
    y: str
    text: str
    anchor: str = "middle"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    x1: str
    x2: str
    y: str
    label_x: str
    label: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Flag:
    x: str
    y: str
    top: str
    label: str
    label_x: str
    anchor: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class TrendDrawing:
    """Everything drawn; `bands` and `lines` are SVG point lists, one per unbroken stretch."""

    width: str
    height: str
    left: str
    right: str
    foot: str
    grid: tuple[Label, ...]
    weeks: tuple[Label, ...]
    bands: tuple[str, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    levels: tuple[Level, ...]
    flags: tuple[Flag, ...]
    edge: str  # where the period begins, "" outside the chart
    goal: Label | None = None  # x and y of its words; the line runs at y


def draw_trend(
    points: Sequence[Point],
    *,
    bounds: Bounds,
    width: float,
    value_text: Callable[[float], str],
    day_text: Callable[[date], str],
    since: date,
    means: Sequence[Mean] = (),
    marks: Sequence[Mark] = (),
    goal: Goal | None = None,
) -> TrendDrawing | None:
    """Draw points on a time axis; None when there is nothing to draw.

    Below 500 pixels the drawing is made for a phone: fewer labels, same type.
    """
    shown = [point for point in points if point.value is not None]
    if not shown:
        return None
    is_narrow, height = width < 500, 260.0 if width < 500 else 292.0
    shown_values = [*_extremes(shown), *([goal.value] if goal else [])]
    ticks = domain(shown_values, floor_at=bounds.low, ceil_at=bounds.high, least=bounds.least)
    x = Axis(points[0].start.toordinal(), points[-1].stop.toordinal(), 40.0, width - 14)
    y = Axis(ticks[0], ticks[-1], height - 44, 42.0)
    return TrendDrawing(
        width=px(width),
        height=px(height),
        left=px(x.start),
        right=px(x.end),
        foot=px(y.start),
        grid=tuple(Label("32", px(y.at(tick)), value_text(tick), "end") for tick in ticks),
        weeks=_weeks(points, x, height=height, day_text=day_text, most=4 if is_narrow else 9),
        bands=tuple(_band(run, x, y) for run in _runs(points) if len(run) > 1),
        lines=tuple(_line(run, x, y) for run in _runs(points) if len(run) > 1),
        dots=tuple(
            Dot(px(x.at(p.middle)), px(y.clipped(p.value or 0.0)), p.title, p.is_faint)
            for p in shown
        )
        if len(shown) <= (30 if is_narrow else 60)
        else (),
        levels=tuple(_level(mean, x, y, since=since) for mean in means),
        flags=_flags(marks, points, x, y),
        edge=px(x.at(since.toordinal())) if points[0].start < since < points[-1].stop else "",
        goal=_goal(goal, shown, x, y) if goal else None,
    )


def _goal(goal: Goal, shown: Sequence[Point], x: Axis, y: Axis) -> Label:
    """Put the words at that end of the line where the points are farther from it."""
    at = y.clipped(goal.value)
    first, last = (
        min(abs(y.clipped(p.value or 0.0) - at) for p in some) for some in (shown[:2], shown[-2:])
    )
    place = (x.start + 4, "start") if first > last else (x.end, "end")
    return Label(px(place[0]), px(at), goal.label, place[1])


def _extremes(points: Sequence[Point]) -> list[float]:
    return [
        value
        for point in points
        for value in (point.low, point.value, point.high)
        if value is not None
    ]


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Split where a value is missing: a line must not bridge what is not known."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _line(run: Sequence[Point], x: Axis, y: Axis) -> str:
    return " ".join(f"{px(x.at(p.middle))},{px(y.clipped(p.value or 0.0))}" for p in run)


def _band(run: Sequence[Point], x: Axis, y: Axis) -> str:
    def at(p: Point, bound: float | None) -> str:
        return f"{px(x.at(p.middle))},{px(y.clipped(p.value or 0.0 if bound is None else bound))}"

    return " ".join(
        [at(point, point.high) for point in run] + [at(point, point.low) for point in run[::-1]]
    )


def _weeks(
    points: Sequence[Point],
    x: Axis,
    *,
    height: float,
    day_text: Callable[[date], str],
    most: int,
) -> tuple[Label, ...]:
    chosen = thinned(range(len(points)), most=most)
    return tuple(
        Label(
            px(x.at(points[i].middle)), px(height - 26), day_text(points[i].start),
            note=str(points[i].n),
        )
        for i in chosen
    )  # fmt: skip


def _level(mean: Mean, x: Axis, y: Axis, *, since: date) -> Level:
    start, stop = x.clipped(mean.start.toordinal()), x.clipped(mean.stop.toordinal())
    is_now = mean.start >= since
    return Level(px(start), px(stop), px(y.clipped(mean.value)), px(start + 5), mean.label, is_now)


def _flags(marks: Sequence[Mark], points: Sequence[Point], x: Axis, y: Axis) -> tuple[Flag, ...]:
    """Draw marks, one for those that say the same of one point, words never over others."""
    flags: list[Flag] = []
    taken: list[tuple[float, float, int]] = []  # from, to, row
    for mark in sorted(marks, key=lambda mark: mark.day):
        flag = _flag(mark, points, x, y, row=0)
        start, stop = _room(flag)
        rows = {row for low, high, row in taken if low < stop and start < high}
        row = next(row for row in range(len(rows) + 1) if row not in rows)
        flag = _flag(mark, points, x, y, row=row)
        if flag not in flags and row < MOST_FLAG_ROWS:
            flags.append(flag)
            taken.append((start, stop, row))
    return tuple(flags)


MOST_FLAG_ROWS = 3


def _room(flag: Flag) -> tuple[float, float]:
    """Return from where to where a flag's words reach, about."""
    at, width = float(flag.label_x), 6.6 * len(flag.label) + 12
    return (at - width, at) if flag.anchor == "end" else (at, at + width)


def _flag(mark: Mark, points: Sequence[Point], x: Axis, y: Axis, *, row: int) -> Flag:
    point = next((p for p in points if p.start <= mark.day < p.stop), points[-1])
    at = x.at(point.middle)
    is_right = at > (x.start + x.end) / 2
    return Flag(
        x=px(at),
        y=px(y.clipped(point.value or 0.0) - 6),
        top=px(y.end - 12 + 16 * row),
        label=mark.label,
        label_x=px(at - 9 if is_right else at + 9),
        anchor="end" if is_right else "start",
        is_bad=mark.is_bad,
    )


SPARK_WIDTH, SPARK_HEIGHT = 158.0, 54.0


@dataclass(frozen=True, slots=True)
class Spark:
    """A line small enough for a table row; `mark` is the place of an alarm or None."""

    bands: tuple[str, ...]
    lines: tuple[str, ...]
    last: Dot
    mark: Dot | None
    is_mark_bad: bool


def draw_spark(
    points: Sequence[Point], *, bounds: Bounds, marks: Sequence[Mark] = ()
) -> Spark | None:
    """Draw a spark line; None below two points with a value."""
    shown = [point for point in points if point.value is not None]
    if len(shown) < 2:
        return None
    low, high = min(_extremes(shown)), max(_extremes(shown))
    missing = max(0.0, bounds.least - (high - low)) / 2
    x = Axis(points[0].middle, points[-1].middle, 2.0, SPARK_WIDTH - 4)
    y = Axis(low - missing, high + missing, SPARK_HEIGHT - 3, 3.0)
    runs = [run for run in _runs(points) if len(run) > 1]
    last = shown[-1]
    mark = marks[-1] if marks else None
    at = next((p for p in shown if mark and p.start <= mark.day < p.stop), None)
    return Spark(
        tuple(_band(run, x, y) for run in runs),
        tuple(_line(run, x, y) for run in runs),
        Dot(px(x.at(last.middle)), px(y.at(last.value or 0.0)), last.title, False),
        Dot(px(x.at(at.middle)), px(y.at(at.value or 0.0)), "", False) if at and mark else None,
        bool(mark and mark.is_bad),
    )
