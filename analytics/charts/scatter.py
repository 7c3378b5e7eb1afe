"""Volume against effect: points with whiskers whose labels keep out of each other's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analytics.charts.axes import Axis, domain, px, steps

_LETTER = 6.3  # pixels of an average letter at 12 px
_LINE = 15.0
_FOOT_WORDS = 240.0  # pixels of "Named by unhappier people: fix first", which stands on the axis


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing: `x` a fraction from 0, `y` signed, `is_real` when chance is unlikely."""

    key: str
    name: str
    note: str
    x: float
    y: float
    low: float
    high: float
    is_real: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class SpotDrawing:
    key: str
    x: str
    y: str
    top: str
    bottom: str
    radius: str
    name: str
    note: str
    title: str
    label_x: str
    label_y: str
    anchor: str
    is_far: bool  # the label stands so far from its dot that a line must join them
    tone: str  # positive, negative, or "" when it could be chance


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    text: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class MapDrawing:
    width: str
    height: str
    left: str
    right: str
    foot: str
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    spots: tuple[SpotDrawing, ...]


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def draw_map(
    spots: Sequence[Spot],
    *,
    limit: float,
    width: float,
    value_text: Callable[[float], str],
    share_text: Callable[[float], str],
) -> MapDrawing | None:
    """Draw spots; None without any. `limit` is the largest effect there can be."""
    if not spots:
        return None
    height = 330.0 if width < 500 else 352.0
    rows = domain(
        [0.0, *(value for spot in spots for value in (spot.low, spot.high))],
        floor_at=-limit,
        ceil_at=limit,
        least=limit / 2.5,
    )
    columns = steps(0.0, max(spot.x for spot in spots) * 1.08, most=4 if width < 500 else 6)
    x = Axis(0.0, columns[-1], 44.0, width - 16)
    y = Axis(rows[0], rows[-1], height - 48, 26.0)
    return MapDrawing(
        width=px(width),
        height=px(height),
        left=px(x.start),
        right=px(x.end),
        foot=px(y.start),
        rows=tuple(Tick(px(y.at(v)), value_text(v), v == 0) for v in rows),
        columns=tuple(Tick(px(x.at(v)), share_text(v), v == 0) for v in columns),
        spots=tuple(_placed(spots, x, y, width)),
    )


def _placed(spots: Sequence[Spot], x: Axis, y: Axis, width: float) -> list[SpotDrawing]:
    """Give each spot its label, the real ones first, where it stands least in the way."""
    foot = _Box(x.start, y.start - 20, x.start + _FOOT_WORDS, y.start)
    taken = [_Taken(foot, _LABEL_COST), *(mark for spot in spots for mark in _marks(spot, x, y))]
    drawn: dict[str, SpotDrawing] = {}
    for spot in sorted(spots, key=lambda spot: not spot.is_real):
        place = _cheapest(_places(spot, x, y, width), taken)
        taken.append(_Taken(place.box, _LABEL_COST))
        drawn[spot.key] = SpotDrawing(
            key=spot.key,
            x=px(x.at(spot.x)),
            y=px(y.clipped(spot.y)),
            top=px(y.clipped(spot.high)),
            bottom=px(y.clipped(spot.low)),
            radius="7" if spot.is_real else "4.5",
            name=spot.name,
            note=spot.note,
            title=spot.title,
            label_x=px(place.x),
            label_y=px(place.y),
            anchor=place.anchor,
            is_far=place.lines > 1,
            tone=("positive" if spot.y > 0 else "negative") if spot.is_real else "",
        )
    return [drawn[spot.key] for spot in spots]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Room that is taken, and how bad it is to write over it."""

    box: _Box
    cost: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a label may stand, so many lines above or below its dot."""

    x: float
    y: float
    anchor: str
    box: _Box
    lines: int
    is_inside: bool

    def cost(self, taken: Sequence[_Taken]) -> int:
        outside = 0 if self.is_inside else _OUTSIDE_COST
        return self.lines + outside + sum(one.cost for one in taken if self.box.meets(one.box))


_FARTHEST = 8  # lines between a dot and its label
_LABEL_COST, _DOT_COST, _WHISKER_COST, _OUTSIDE_COST = 100, 40, 1, 200


def _marks(spot: Spot, x: Axis, y: Axis) -> tuple[_Taken, _Taken]:
    """Return the room a dot and its whisker take."""
    at, up = x.at(spot.x), y.clipped(spot.y)
    whisker = _Box(at - 2, y.clipped(spot.high), at + 2, y.clipped(spot.low))
    dot = _Box(at - 8, up - 8, at + 8, up + 8)
    return _Taken(dot, _DOT_COST), _Taken(whisker, _WHISKER_COST)


def _cheapest(places: Sequence[_Place], taken: Sequence[_Taken]) -> _Place:
    """Return the first of the cheapest places, given nearest first.

    A place costs at least its lines, so those farther than the best one found cannot win.
    """
    best, least = places[0], places[0].cost(taken)
    for place in places[1:]:
        if place.lines >= least:
            break
        if (cost := place.cost(taken)) < least:
            best, least = place, cost
    return best


def _places(spot: Spot, x: Axis, y: Axis, width: float) -> list[_Place]:
    """Return both sides of the dot at its height and some lines above and below."""
    at, up = x.at(spot.x), y.clipped(spot.y)
    long = _LETTER * len(f"{spot.name} {spot.note}".strip())
    places = []
    for lines in sorted(range(-_FARTHEST, _FARTHEST + 1), key=abs):
        level = up + lines * _LINE
        for anchor, edge, left in (("start", at + 11, at + 9), ("end", at - 11, at - 13 - long)):
            box = _Box(left, level - 8, left + long + 4, level + 8)
            is_inside = box.left >= x.start and box.right <= width and y.end <= level <= y.start
            places.append(_Place(edge, level + 4, anchor, box, abs(lines), is_inside))
    return places
