from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.charts.axes import Axis, domain, percent, px, steps, thinned
from analytics.charts.bars import draw_columns, draw_lengths, draw_pair, draw_whisker
from analytics.charts.lines import Bounds, Mark, Mean, Point, draw_spark, draw_trend
from analytics.charts.ruler import Place, Span, draw_ruler
from analytics.charts.scatter import Spot, draw_map

MONDAY = date(2026, 8, 24)
NPS = Bounds(-100.0, 100.0, 40.0)
numbers = st.floats(-100, 100, allow_nan=False)


def points(*values: float | None) -> list[Point]:
    return [
        Point(
            MONDAY + timedelta(weeks=i),
            MONDAY + timedelta(weeks=i + 1),
            value,
            None if value is None else max(-100.0, value - 15),
            None if value is None else min(100.0, value + 15),
            n=30,
        )
        for i, value in enumerate(values)
    ]


def trend(*values: float | None, width: float = 640.0, **more: object):
    return draw_trend(
        points(*values),
        bounds=NPS,
        width=width,
        value_text=lambda value: f"{value:+g}",
        day_text=lambda day: day.isoformat(),
        since=MONDAY + timedelta(weeks=1),
        **more,
    )


def numbers_in(listed: str) -> list[float]:
    return [float(part) for pair in listed.split() for part in pair.split(",")]


@given(numbers, numbers)
@example(0.0, 5e-324)
def test_steps_are_round_rise_and_cover(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    found = steps(low, high)
    assert found == sorted(found)
    if high - low > 1e-6:
        assert found[0] <= low + 1e-6 and found[-1] >= high - 1e-6
        assert len(found) <= 8


@given(st.lists(numbers, max_size=8))
def test_an_axis_never_leaves_the_scale_and_spans_its_least(values: list[float]) -> None:
    ticks = domain(values, floor_at=-100, ceil_at=100, least=40)
    assert -100 <= ticks[0] < ticks[-1] <= 100
    assert ticks[-1] - ticks[0] >= 40 - 1e-9


def test_coordinates_are_written_with_a_point_in_every_locale() -> None:
    assert (px(27.64), px(3.0), percent(0.276), percent(1.7)) == ("27.6", "3", "27.60%", "100.00%")


def test_an_axis_without_span_puts_everything_in_the_middle() -> None:
    assert Axis(5, 5, 0, 10).at(5) == 5


def test_thinned_keeps_the_first_and_at_most_as_many() -> None:
    assert thinned(range(26), most=9) == [0, 3, 6, 9, 12, 15, 18, 21, 24]


@given(st.lists(st.one_of(st.none(), numbers), min_size=1, max_size=60))
def test_every_mark_of_a_trend_stays_inside_its_picture(values: list[float | None]) -> None:
    drawing = trend(*values)
    if drawing is None:
        assert all(value is None for value in values)
        return
    for listed in (*drawing.bands, *drawing.lines):
        pairs = numbers_in(listed)
        assert all(0 <= x <= 640 for x in pairs[::2])
        assert all(0 <= y <= 292 for y in pairs[1::2])
    assert len(drawing.dots) == sum(value is not None for value in values)


def test_a_line_does_not_bridge_weeks_without_an_answer() -> None:
    drawing = trend(10, 20, None, 30, 40)
    assert [line.count(",") for line in drawing.lines] == [2, 2]


def test_higher_scores_stand_higher() -> None:
    drawing = trend(10, 60)
    low, high = (float(dot.y) for dot in drawing.dots)
    assert high < low


def test_the_edge_of_the_period_stands_between_its_weeks() -> None:
    drawing = trend(10, 20, 30)
    assert float(drawing.dots[0].x) < float(drawing.edge) < float(drawing.dots[1].x)


def test_a_phone_gets_fewer_labels_not_smaller_ones() -> None:
    values = [10.0] * 26
    assert len(trend(*values).weeks) > len(trend(*values, width=340.0).weeks) >= 3


def test_means_and_alarms_are_drawn_where_they_belong() -> None:
    drawing = trend(
        10, 20, 90,
        means=[Mean(MONDAY, MONDAY + timedelta(weeks=1), 10, "Before +10")],
        marks=[Mark(MONDAY + timedelta(weeks=2), "Alarm", True)],
    )  # fmt: skip
    assert not drawing.levels[0].is_now and drawing.levels[0].label == "Before +10"
    assert drawing.flags[0].x == drawing.dots[2].x and drawing.flags[0].anchor == "end"


def test_one_point_is_no_spark_line() -> None:
    assert draw_spark(points(10), bounds=NPS) is None
    assert draw_spark(points(None, 10, None), bounds=NPS) is None


def test_a_level_spark_line_is_not_blown_up() -> None:
    spark = draw_spark(points(50, 51), bounds=NPS)
    ys = numbers_in(spark.lines[0])[1::2]
    assert abs(ys[0] - ys[1]) < 2


def test_whiskers_are_clipped_to_their_line() -> None:
    mark = draw_whisker(0.5, -3.0, 9.0, axis=(0.0, 1.0), zero=0.25)
    assert (mark.low, mark.at, mark.high, mark.zero) == ("0.00%", "50.00%", "100.00%", "25.00%")


def test_columns_and_bars_are_zero_only_for_nothing() -> None:
    columns = draw_columns([0, 1, 1000])
    assert columns[0].height == "0.00%" and columns[1].height == "1.20%"
    assert columns[2].top == "0.00%"
    assert draw_lengths([]) == () and draw_lengths([0]) == ("0.00%",)


def test_a_pair_of_bars_leaves_room_for_its_numbers() -> None:
    pair = draw_pair(4, 6, bad_of=4, good_of=6)
    assert (pair.left, pair.bad, pair.good) == ("20.00%", "80.00%", "80.00%")


@given(numbers, numbers)
def test_the_rulers_labels_never_cover_each_other(now: float, before: float) -> None:
    def span(value: float) -> Span:
        return Span(value, max(-100.0, value - 8), min(100.0, value + 8))

    def room(place: Place) -> tuple[float, float]:
        at = float(place.at[:-1])
        left = at - {"start": 0, "middle": 12, "end": 24}[place.anchor]
        return left, left + 24

    ruler = draw_ruler(span(now), span(before), bounds=(-100.0, 100.0), least=80.0)
    here, there = room(ruler.now), room(ruler.before)
    assert ruler.is_stacked or here[0] >= there[1] - 0.1 or there[0] >= here[1] - 0.1
    assert all(-0.1 <= edge <= 100.1 for edge in (*here, *there))


def test_labels_of_a_map_do_not_cover_each_other() -> None:
    spots = [
        Spot(f"t{i}", "Support replies", "−52", 0.2 + i / 500, -30.0 + i * 4, -60.0, 0.0, True)
        for i in range(4)
    ]
    drawing = draw_map(spots, limit=200.0, width=640.0, value_text=str, share_text=str)
    places = {(spot.label_x, spot.label_y, spot.anchor) for spot in drawing.spots}
    ys = sorted(float(spot.label_y) for spot in drawing.spots if spot.anchor == "start")
    assert len(places) == 4
    assert all(b - a >= 8 for a, b in pairwise(ys))


def test_what_could_be_chance_has_no_tone() -> None:
    chance = Spot("a", "A", "", 0.1, -30, -70, 10, False)
    real = Spot("b", "B", "", 0.2, -30, -40, -20, True)
    drawing = draw_map([chance, real], limit=200, width=640, value_text=str, share_text=str)
    assert [spot.tone for spot in drawing.spots] == ["", "negative"]


@pytest.mark.parametrize("width", [340.0, 640.0])
def test_no_themes_are_no_map(width: float) -> None:
    assert draw_map([], limit=200, width=width, value_text=str, share_text=str) is None


def test_labels_of_a_crowded_map_find_room_and_are_joined_to_their_dots() -> None:
    where = [(0.100, -4), (0.105, -8), (0.115, 1), (0.145, -6), (0.205, 2), (0.225, -2)]
    spots = [
        Spot(f"t{i}", "Bugs and crashes", "", share, effect, effect - 20.0, effect + 20.0, False)
        for i, (share, effect) in enumerate(where)
    ]
    drawing = draw_map(spots, limit=100.0, width=560.0, value_text=str, share_text=str)
    assert drawing is not None
    edges = [(float(spot.label_x), float(spot.label_y), spot.anchor) for spot in drawing.spots]
    boxes = [(x, x + 95, y) if side == "start" else (x - 95, x, y) for x, y, side in edges]
    for one, other in combinations(boxes, 2):
        assert one[1] < other[0] or other[1] < one[0] or abs(one[2] - other[2]) >= 12
    for spot in drawing.spots:
        assert spot.is_far == (abs(float(spot.label_y) - 4 - float(spot.y)) > 16)
