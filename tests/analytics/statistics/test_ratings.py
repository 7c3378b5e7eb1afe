import pytest

from analytics.statistics.ratings import rating

FIVE = {"scale": (1, 5), "threshold": 4}


def test_neutral_answers_stay_in_the_base():
    found = rating({1: 2, 2: 1, 3: 4, 4: 2, 5: 1}, **FIVE)
    assert found.satisfied.value == 0.3
    assert found.mean.value == 2.9
    assert (found.best, found.worst_two) == (0.1, 0.3)
    assert found.net == 0


def test_wording_in_which_low_is_good_is_turned_round_first():
    plain = rating({5: 6, 4: 3, 3: 1}, **FIVE)
    turned = rating({1: 6, 2: 3, 3: 1}, **FIVE, is_reversed=True)
    assert turned == plain


def test_no_answers_are_null_throughout():
    found = rating({}, **FIVE)
    assert (found.satisfied.reason, found.mean.reason) == ("no_responses", "no_responses")
    assert (found.net, found.best, found.worst_two) == (None, None, None)


def test_scores_off_the_scale_do_not_count():
    assert rating({5: 3, 9: 4}, **FIVE).satisfied.n == 3


def test_the_threshold_decides_what_satisfied_means():
    histogram = dict.fromkeys(range(1, 11), 10)
    top_two = rating(histogram, scale=(1, 10), threshold=9)
    generous = rating(histogram, scale=(1, 10), threshold=6)
    assert (top_two.satisfied.value, generous.satisfied.value) == pytest.approx((0.2, 0.5))
