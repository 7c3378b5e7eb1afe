import pytest

from analytics.statistics.score import nps_counts, score_change, score_histogram

NPS = {
    "method": "nps",
    "bands": {"promoter": (9, 10), "passive": (7, 8), "detractor": tuple(range(7))},
    "top": (9, 10),
    "scale": (0, 10),
}
CSAT = {
    "method": "share",
    "bands": {"satisfied": (4, 5), "neutral": (3,), "dissatisfied": (1, 2)},
    "top": (4, 5),
    "scale": (1, 5),
}
THUMBS = {"method": "share", "bands": {"up": (1,), "down": (0,)}, "top": (1,), "scale": (0, 1)}
STARS = CSAT | {"method": "mean"}


def test_one_function_scores_every_method():
    histogram = {1: 14, 2: 9, 3: 10, 4: 32, 5: 42}
    assert score_histogram(histogram, **CSAT).value == pytest.approx(0.691589, abs=1e-6)
    assert score_histogram(histogram, **STARS).value == pytest.approx(3.738318, abs=1e-6)
    assert score_histogram({0: 5, 1: 15}, **THUMBS).value == 0.75
    assert score_histogram({10: 50, 7: 30, 2: 20}, **NPS).value == 30


def test_scores_off_the_scale_are_left_out():
    assert score_histogram({11: 3, -1: 2, 10: 30}, **NPS).n == 30


def test_few_answers_are_guarded_unless_the_bare_figure_is_wanted():
    assert score_histogram({10: 3}, **NPS).status == "suppressed"
    assert score_histogram({10: 3}, **NPS, audience=None).value == 100
    assert score_histogram({10: 12}, **NPS, audience="agent").status == "suppressed"


def test_the_bands_are_always_counted():
    assert score_histogram({10: 2, 0: 1}, **NPS).parts["bands"] == {
        "promoter": 2,
        "passive": 0,
        "detractor": 1,
    }
    assert score_histogram({}, **CSAT).parts["bands"]["neutral"] == 0


def test_counts_come_in_the_order_best_middle_worst():
    assert nps_counts({10: 2, 8: 3, 0: 1}, NPS["bands"]) == (2, 3, 1)
    assert nps_counts({0: 5, 1: 15}, THUMBS["bands"]) == (15, 0, 5)


def test_changes_use_the_test_of_the_method():
    before, after = {1: 20, 5: 80}, {1: 45, 5: 55}
    assert score_change(before, after, **CSAT).method == "newcombe"
    assert score_change(before, after, **STARS).method == "welch t"
    assert score_change({10: 9}, {0: 9}, **NPS).method == "adjusted wald +3"
    assert score_change(before, after, **CSAT).delta == pytest.approx(-0.25)
