from collections import Counter

import pytest

from analytics.statistics.drivers import theme_impacts

WHOLE = Counter({100: 60, 0: 20, -100: 40})


def test_impact_is_all_minus_those_without_the_theme():
    [bugs] = theme_impacts(WHOLE, {"bugs": {-100: 24, 0: 6}})
    assert bugs.score_with == pytest.approx(-80)
    assert bugs.score_without == pytest.approx(100 * (60 - 16) / 90)
    assert bugs.impact == pytest.approx(100 * 20 / 120 - 100 * 44 / 90)
    assert bugs.impact == pytest.approx(bugs.share * bugs.difference)
    assert bugs.interval.low < bugs.impact < bugs.interval.high < 0
    assert bugs.is_real


def test_under_five_mentions_are_counted_but_not_judged():
    [rare] = theme_impacts(WHOLE, {"rare": {-100: 4}})
    assert (rare.mentions, rare.impact, rare.reason) == (4, None, "insufficient_data")
    assert not rare.is_real


def test_under_twenty_mentions_have_no_interval():
    [some] = theme_impacts(WHOLE, {"some": {-100: 10, 100: 5}})
    assert some.impact is not None and some.interval is None


def test_a_theme_in_every_comment_has_nothing_to_compare_with():
    [every] = theme_impacts(WHOLE, {"every": WHOLE})
    assert (every.impact, every.reason) == (None, "insufficient_data")


def test_themes_tested_together_are_corrected_together():
    alone = theme_impacts(WHOLE, {"a": {-100: 9, 100: 3}})[0]
    together = theme_impacts(WHOLE, {"a": {-100: 9, 100: 3}, "b": {100: 11, -100: 9}})[0]
    assert alone.adjusted_p == alone.p_value
    assert together.adjusted_p > alone.adjusted_p


def test_more_mentions_than_comments_is_refused():
    with pytest.raises(ValueError, match="more mentions than comments"):
        theme_impacts({100: 5}, {"x": {100: 6}})
    with pytest.raises(ValueError, match="more mentions than comments"):
        theme_impacts({100: 50}, {"x": {-100: 6}})
