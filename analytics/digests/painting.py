"""The trend of the pages drawn elsewhere: one order of strokes, for a picture and for a PDF.

The geometry is that of analytics.charts.lines, so all three look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from analytics.charts.lines import TrendDrawing

Place = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Colors:
    """What a chart is drawn with, each `#rrggbb`; text on `ground` has a contrast of 4.5."""

    ground: str
    grid: str
    zero: str
    band: str
    line: str
    ink: str
    soft: str
    alert: str


LIGHT = Colors(
    ground="#ffffff", grid="#e2e5e9", zero="#858d98", band="#dfe6f9", line="#1d4ed8",
    ink="#14181f", soft="#59616d", alert="#b42334",
)  # fmt: skip
DARK = Colors(
    ground="#181c23", grid="#2f353d", zero="#79828f", band="#26324a", line="#8fb2ff",
    ink="#eef0f3", soft="#a4adb9", alert="#ff9aa2",
)  # fmt: skip


class Canvas(Protocol):
    """What can be drawn on; places and sizes in the units of the drawing."""

    def line(
        self, points: Sequence[Place], color: str, width: float, *, is_dotted: bool = False
    ) -> None: ...

    def polygon(self, points: Sequence[Place], color: str) -> None: ...

    def circle(self, at: Place, radius: float, *, fill: str, rim: str, width: float) -> None: ...

    def text(
        self, at: Place, text: str, color: str, *, anchor: Anchor, is_strong: bool = False
    ) -> None: ...


def paint_trend(drawing: TrendDrawing, canvas: Canvas, colors: Colors) -> None:
    """Draw from back to front."""
    _paint_ground(drawing, canvas, colors)
    for points in drawing.lines:
        canvas.line(_places(points), colors.line, 2)
    _paint_flags(drawing, canvas, colors)
    for dot in drawing.dots:
        rim = colors.zero if dot.is_faint else colors.line
        at = (float(dot.x), float(dot.y))
        canvas.circle(at, 3.2, fill=colors.ground, rim=rim, width=2)
    for week in drawing.weeks:
        x, y = float(week.x), float(week.y)
        canvas.text((x, y - 4), week.text, colors.soft, anchor="middle")
        canvas.text((x, y + 12), week.note, colors.soft, anchor="middle")
    n_at = (float(drawing.left) - 12, float(drawing.height) - 14)
    canvas.text(n_at, "n", colors.soft, anchor="end")


def _paint_ground(drawing: TrendDrawing, canvas: Canvas, colors: Colors) -> None:
    left, right, foot = float(drawing.left), float(drawing.right), float(drawing.foot)
    for tick in drawing.grid:
        y, color = float(tick.y), colors.zero if tick.text == "0" else colors.grid
        canvas.line([(left, y), (right, y)], color, 1)
        canvas.text((float(tick.x), y), tick.text, colors.soft, anchor="end")
    if drawing.edge:
        canvas.line([(float(drawing.edge), 8), (float(drawing.edge), foot)], colors.grid, 1)
    for points in drawing.bands:
        canvas.polygon(_places(points), colors.band)
    for level in drawing.levels:
        ends = [(float(level.x1), float(level.y)), (float(level.x2), float(level.y))]
        canvas.line(ends, colors.ink, 1.5, is_dotted=True)
        color = colors.ink if level.is_now else colors.soft
        at = (float(level.label_x), 10.0)
        canvas.text(at, level.label, color, anchor="start", is_strong=level.is_now)


def _paint_flags(drawing: TrendDrawing, canvas: Canvas, colors: Colors) -> None:
    for flag in drawing.flags:
        color = colors.alert if flag.is_bad else colors.ink
        x, top = float(flag.x), float(flag.top)
        canvas.line([(x, float(flag.y)), (x, top)], color, 1.3)
        canvas.polygon([(x, top - 6), (x + 5.5, top + 3.5), (x - 5.5, top + 3.5)], color)
        at = (float(flag.label_x), top)
        anchor: Anchor = "end" if flag.anchor == "end" else "start"
        canvas.text(at, flag.label, color, anchor=anchor, is_strong=True)


def _places(points: str) -> list[Place]:
    pairs = (pair.split(",") for pair in points.split())
    return [(float(x), float(y)) for x, y in pairs]
