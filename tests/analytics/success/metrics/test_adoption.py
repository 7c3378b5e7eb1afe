from datetime import date, timedelta

from analytics.success.metrics.adoption import (
    Step,
    adoption_curve,
    adoption_rate,
    feature_popularity,
    sticking_points,
)
from analytics.success.metrics.facts import FeatureUser

START = date(2025, 2, 1)


def user(id, *offsets, eligible=START):
    return FeatureUser(id, eligible, tuple(START + timedelta(days=n) for n in offsets))


USERS = [
    user("adopts", 3, 3, 9),
    user("binges", 3, 3, 3),
    user("dabbles", 3, 9),
    user("never"),
    user("before", -5, -4, -3),
    user("too late", 3, 4, 31),
    user("not entitled", 1, 2, 3, eligible=None),
    user("young", 20, 21, 22, eligible=START + timedelta(days=19)),
]


def test_adoption_is_repeated_use_by_those_who_may():
    result = adoption_rate(USERS, as_of=START + timedelta(days=30))
    assert (result.numerator, result.denominator, result.pending) == (1, 6, 1)
    assert result.parts["tried"] == 4
    assert result.parts["median_days_to_adopt"] == 9


def test_nobody_mature_is_not_nobody_entitled():
    assert adoption_rate(USERS, as_of=START).reason == "immature_cohort"
    assert adoption_rate(USERS[6:7], as_of=START).reason == "no_population"


def test_popularity_is_a_share_of_the_active():
    found = feature_popularity({"export": 2, "map": 0}, 4)
    assert (found["export"].value, found["map"].value) == (0.5, 0)
    assert feature_popularity({"map": 0}, 0)["map"].reason == "no_population"


def test_people_stick_where_far_fewer_than_usual_go_on():
    steps = [Step("a", 500, 450), Step("b", 450, 410), Step("c", 410, 150), Step("d", 150, 140)]
    assert [step.name for step in sticking_points(steps)] == ["c"]
    few = [Step("a", 9, 8), Step("b", 8, 7), Step("c", 7, 4)]
    assert sticking_points(few) == []
    assert sticking_points([Step("a", 0, 0)]) == []


def test_the_curve_ends_at_the_rate():
    curve = adoption_curve(USERS[:6])
    assert len(curve) == 31 and curve == sorted(curve)
    assert (curve[8], curve[9], curve[30]) == (0, 1 / 6, 1 / 6)
    assert adoption_curve([]) == []
