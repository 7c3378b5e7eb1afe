import random

import pytest

from analytics.statistics.regression import theme_regression


def _comments(count, themes, seed=1):
    """Build comments whose value falls with "t0" and rises with "t1"."""
    dice = random.Random(seed)
    rows = []
    for _ in range(count):
        found = [theme for theme in themes if dice.random() < 0.3]
        lift = 0.5 - 0.4 * ("t0" in found) + 0.3 * ("t1" in found)
        rows.append((100.0 if dice.random() < lift else -100.0, found))
    return rows


def test_shares_add_up_to_r_squared_and_name_the_true_drivers():
    found = theme_regression(_comments(600, ["t0", "t1", "t2"]))
    assert found.method == "shapley"
    assert sum(found.shares.values()) == pytest.approx(found.r2)
    assert found.coefficients["t0"] < -40 and found.coefficients["t1"] > 30
    assert found.shares["t2"] < 0.02 < found.shares["t1"]


def test_beyond_eight_themes_johnson_weights_take_over():
    found = theme_regression(_comments(600, [f"t{i}" for i in range(9)]))
    assert found.method == "johnson"
    assert sum(found.shares.values()) == pytest.approx(found.r2)
    assert max(found.shares, key=found.shares.get) == "t0"


def test_both_ways_of_sharing_agree_when_themes_are_unrelated():
    nine = theme_regression(_comments(4000, [f"t{i}" for i in range(9)]))
    eight = theme_regression(_comments(4000, [f"t{i}" for i in range(9)]), min_per_theme=1175)
    assert len(eight.shares) <= 8 and "t0" in eight.shares
    assert nine.shares["t0"] == pytest.approx(eight.shares["t0"], abs=0.01)


def test_guards_keep_small_samples_out():
    assert theme_regression(_comments(99, ["t0"])) is None
    assert theme_regression([(100.0, [])] * 200) is None


def test_equal_answers_have_nothing_to_explain():
    found = theme_regression([(100.0, ["a"] if i % 2 else []) for i in range(120)])
    assert (found.r2, found.shares) == (None, None)
    assert found.coefficients["a"] == pytest.approx(0)


def test_two_themes_that_always_come_together_share_equally():
    rows = [(100.0 if i % 3 else -100.0, ["a", "b"] if i % 2 else []) for i in range(150)]
    found = theme_regression(rows)
    assert found.shares["a"] == pytest.approx(found.shares["b"])
