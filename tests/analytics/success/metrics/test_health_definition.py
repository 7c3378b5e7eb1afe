from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.health_definition import (
    ALL,
    COMPONENTS,
    CURVES,
    NEW,
    WEIGHTS,
    Definition,
    flaws_of,
)

SHIPPED = Definition()


def test_what_ships_has_no_flaw():
    assert flaws_of(SHIPPED) == []


def test_parts_are_scored_by_their_curves_and_missing_ones_stay_missing():
    found = SHIPPED.scores({"usage": 0.4, "ticket_age": 7, "reopened": 0, "payment": 20})
    assert found["usage"] == pytest.approx(50)
    assert found["support"] == pytest.approx(75)  # half way to 14 days, none reopened
    assert found["commercial"] == 20  # no revenue 90 days ago: payment alone
    assert (found["feedback"], found["relationship"]) == (None, None)


def test_new_accounts_go_before_segments_and_these_in_their_order():
    three = replace(
        SHIPPED, weights={ALL: WEIGHTS, NEW: WEIGHTS, "large": WEIGHTS, "paying": WEIGHTS}
    )
    assert three.group_of(is_new=True, segments=["large"]) == NEW
    assert three.group_of(is_new=False, segments=["paying", "large"]) == "large"
    assert three.group_of(is_new=False, segments=[]) == ALL
    none_new = replace(SHIPPED, weights={ALL: WEIGHTS})
    assert none_new.group_of(is_new=True, segments=[]) == ALL


@pytest.mark.parametrize(
    ("weights", "wrong"),
    [
        ({**WEIGHTS, "usage": 20}, "sum"),
        ({name: weight for name, weight in WEIGHTS.items() if name != "usage"}, "missing"),
        ({**WEIGHTS, "usage": -10, "feedback": 60}, "negative"),
        ({**WEIGHTS, "luck": 0}, "unknown"),
    ],
)
def test_weights_that_cannot_be_are_named(weights, wrong):
    flaws = flaws_of(replace(SHIPPED, weights={ALL: weights}))
    assert wrong in [flaw.wrong for flaw in flaws]
    assert {flaw.place for flaw in flaws} == {"weights."}


@pytest.mark.parametrize(
    ("points", "wrong"),
    [
        (((0, 0),), "few_points"),
        (((0, 0), (0.8, 120)), "score_range"),
        (((0, 0), (3, 100)), "value_range"),
        (((0.8, 0), (0.2, 100)), "order"),
        (((0, 0), (0.5, 80), (0.8, 60)), "direction"),
        (((0, 50), (0.8, 50)), "flat"),
        (tuple((i / 10, i) for i in range(9)), "many_points"),
    ],
)
def test_curves_that_cannot_be_are_named(points, wrong):
    flaws = flaws_of(replace(SHIPPED, curves={**CURVES, "usage": points}))
    assert wrong in [flaw.wrong for flaw in flaws]


def test_a_curve_of_something_bad_falls():
    rising = replace(SHIPPED, curves={**CURVES, "ticket_age": ((0, 0), (14, 100))})
    assert [flaw.wrong for flaw in flaws_of(rising)] == ["direction"]


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=8, unique=True),
    st.lists(st.floats(0, 100), min_size=8, max_size=8),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_curve_without_flaws_never_rewards_what_is_worse(values, scores, one, other):
    points = tuple(zip(sorted(values), sorted(scores), strict=False))
    drawn = replace(SHIPPED, curves={**CURVES, "usage": points})
    if flaws_of(drawn):
        return
    low, high = sorted((one, other))
    found = [drawn.scores({"usage": value})["usage"] for value in (low, high)]
    assert found[0] <= found[1] + 1e-6
    assert set(drawn.scores({})) == set(COMPONENTS)
