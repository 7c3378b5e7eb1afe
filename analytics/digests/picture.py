"""The trend as a PNG: mail programs show neither SVG nor what is fetched from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analytics.charts.lines import TrendDrawing
from analytics.digests import fonts
from analytics.digests.painting import Anchor, Colors, Place, paint_trend

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_FINE = 2  # drawn so many times larger than it is kept, then made smooth
_SCALE = 2.4  # picture points a unit of the drawing: crisp on a phone's screen
_TYPE = 13
_LEFT = 10  # room for the widest label of the axis, which a page lets overflow
_MOST_COLORS = 48
_ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}


def trend_png(drawing: TrendDrawing, colors: Colors) -> bytes:
    """Return the drawing as a PNG of a few kilobytes."""
    from PIL import Image

    width, height = round(float(drawing.width)) + _LEFT, round(float(drawing.height))
    canvas = _Picture(width, height, colors)
    paint_trend(drawing, canvas, colors)
    size = (round(width * _SCALE), round(height * _SCALE))
    small = canvas.image.resize(size, Image.Resampling.BOX)
    out = io.BytesIO()
    small.quantize(_MOST_COLORS).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Picture:
    """A canvas of picture points."""

    def __init__(self, width: int, height: int, colors: Colors) -> None:
        from PIL import Image, ImageDraw

        self._by = _SCALE * _FINE
        size = (round(width * _SCALE) * _FINE, round(height * _SCALE) * _FINE)
        self.image = Image.new("RGB", size, colors.ground)
        self._draw = ImageDraw.Draw(self.image)

    def line(
        self, points: Sequence[Place], color: str, width: float, *, is_dotted: bool = False
    ) -> None:
        if is_dotted:
            (x1, y), (x2, _y) = points[0], points[-1]
            x = x1
            while x < x2:
                self._stroke([(x, y), (min(x + 1.5, x2), y)], color, width)
                x += 4.5
            return
        self._stroke(points, color, width)

    def _stroke(self, points: Sequence[Place], color: str, width: float) -> None:
        self._draw.line(self._places(points), color, round(width * self._by), joint="curve")

    def polygon(self, points: Sequence[Place], color: str) -> None:
        self._draw.polygon(self._places(points), color)

    def circle(self, at: Place, radius: float, *, fill: str, rim: str, width: float) -> None:
        (x, y), r = self._places([at])[0], (radius + width / 2) * self._by
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill, rim, round(width * self._by))

    def text(
        self, at: Place, text: str, color: str, *, anchor: Anchor, is_strong: bool = False
    ) -> None:
        place = self._places([at])[0]
        font = _font(round(_TYPE * self._by), is_strong=is_strong)
        self._draw.text(place, text, color, font=font, anchor=_ANCHORS[anchor])

    def _places(self, points: Sequence[Place]) -> list[Any]:
        return [((x + _LEFT) * self._by, y * self._by) for x, y in points]


@lru_cache(maxsize=4)
def _font(size: int, *, is_strong: bool) -> FreeTypeFont:
    from PIL import ImageFont

    family = fonts.LATIN
    path = family.bold if is_strong else family.regular
    # One letter after the other: the words of a chart need no more, wherever this runs.
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
