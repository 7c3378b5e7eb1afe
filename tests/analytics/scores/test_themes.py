from __future__ import annotations

from analytics.scores.queries import Facets
from analytics.scores.themes import theme_reports
from surveys.models import Survey

NPS = Survey(slug="s", name="S", kind="nps")
NAMES = {"support": "Support", "price": "Price", "old": "Old"}


def facets(now: dict, before: dict | None = None) -> Facets:
    return Facets(now, before or {})


def test_a_theme_of_unhappy_people_pulls_the_score_down() -> None:
    found = facets(
        {
            ("sentiment", "positive"): {10: 100},
            ("sentiment", "negative"): {0: 50},
            ("theme", "support"): {0: 40, 10: 10},
            ("mention", "support:negative"): {0: 35},
        }
    )
    (support,) = theme_reports(NPS, found, names=NAMES)
    assert support.count == 50 and support.share.value == 50 / 150
    assert support.score.value == -60.0
    assert support.impact.difference == -140.0
    assert support.impact.is_real and support.impact.impact < 0
    low, high = support.difference_interval.low, support.difference_interval.high
    assert low < -140 < high
    assert support.sentiments["negative"] == 35


def test_the_difference_of_a_share_is_a_fraction() -> None:
    csat = Survey(slug="s", name="S", kind="csat")
    found = facets({("sentiment", "neutral"): {5: 60, 1: 40}, ("theme", "price"): {1: 20, 5: 10}})
    (price,) = theme_reports(csat, found, names=NAMES)
    assert -1 < price.impact.difference < 0


def test_rare_themes_come_last_and_without_interval() -> None:
    found = facets(
        {
            ("sentiment", "neutral"): {10: 200, 0: 100},
            ("theme", "price"): {0: 6},
            ("theme", "support"): {10: 30, 0: 15},
        }
    )
    support, price = theme_reports(NPS, found, names=NAMES)
    assert (support.slug, price.slug) == ("support", "price")
    assert price.difference_interval is None


def test_a_theme_only_named_before_is_listed_with_none_now() -> None:
    found = facets(
        {("sentiment", "neutral"): {10: 40}},
        {("sentiment", "neutral"): {10: 40}, ("theme", "old"): {10: 30}},
    )
    (old,) = theme_reports(NPS, found, names=NAMES)
    assert old.count == 0 and old.is_share_real and old.share_change.delta < 0


def test_a_theme_counted_a_moment_before_its_comments_does_not_break_the_page() -> None:
    found = facets({("sentiment", "neutral"): {10: 2}, ("theme", "price"): {10: 3, 0: 1}})
    (price,) = theme_reports(NPS, found, names=NAMES)
    assert price.count == 4 and price.share.value == 1.0


def test_a_deleted_theme_is_not_shown() -> None:
    found = facets({("sentiment", "neutral"): {10: 9}, ("theme", "gone"): {10: 9}})
    assert theme_reports(NPS, found, names=NAMES) == ()
