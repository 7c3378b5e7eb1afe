from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.text.forms import base_form
from feedback.text.presets import INDUSTRY_PRESETS, SEEDED_RULES, SEEDED_THEMES
from feedback.text.reading import CommentReader, ThemeRule


@cache
def reader(*rules: ThemeRule) -> CommentReader:
    return CommentReader(themes=rules)


def found(text: str, *rules: ThemeRule) -> list[tuple[str, str]]:
    """Return (theme, the words it was found in)."""
    reading = reader(*rules).read(text, language="en")
    return [(mention.theme, text[mention.start : mention.end]) for mention in reading.mentions]


@pytest.mark.parametrize(
    "forms",
    [
        "crash crashes crashed crashing", "delivery deliveries", "app apps", "stop stops stopped",
        "cancel cancelled canceled cancelling", "price prices priced pricing", "box boxes",
        "freeze froze frozen freezes", "pay paid pays paying", "reply replies replied",
    ],
)  # fmt: skip
def test_forms_of_a_word_share_one_base(forms: str) -> None:
    assert len({base_form(word) for word in forms.split()}) == 1


def test_words_match_their_forms_and_stems_what_begins_so() -> None:
    rule = ThemeRule("t", words=("crash",), stems=("bugg",))
    assert found("It crashed, crashes again and is BUGGY.", rule) == [
        ("t", "crashed"), ("t", "crashes"), ("t", "BUGGY"),
    ]  # fmt: skip


def test_phrases_match_words_in_a_row_across_hyphens() -> None:
    rule = ThemeRule("t", phrases=("log in", "user friendly"))
    text = "I was logging in, it is user-friendly; log it, in a way."
    assert found(text, rule) == [("t", "logging in"), ("t", "user-friendly")]


def test_an_exclusion_takes_away_what_lies_in_it() -> None:
    rule = ThemeRule("t", words=("exchange",), exclusions=("exchange rate", "exchanger"))
    assert found("the exchange rate and the exchange", rule) == [("t", "exchange")]
    assert found("the heat exchanger is fine", rule) == []


def test_an_exclusion_of_one_theme_leaves_others_alone() -> None:
    refunds = ThemeRule("refunds", words=("exchange",), exclusions=("exchange rate",))
    rate = ThemeRule("rate", phrases=("exchange rate",))
    assert found("a bad exchange rate", refunds, rate) == [("rate", "exchange rate")]


def test_the_longer_of_two_hits_counts_once() -> None:
    rule = ThemeRule("t", words=("card",), phrases=("credit card",))
    assert found("my credit card failed", rule) == [("t", "credit card")]


def test_empty_rules_and_odd_entries_match_nothing() -> None:
    rule = ThemeRule("t", words=("", "  ", "!!"), stems=("",), phrases=("",), exclusions=("",))
    assert found("anything at all", rule) == []


def test_mentions_have_the_sentiment_of_their_clause() -> None:
    rules = (ThemeRule("app", words=("app",)), ThemeRule("support", words=("support",)))
    reading = CommentReader(themes=rules).read("great app, terrible support")
    assert [(m.theme, m.sentiment) for m in reading.mentions] == [
        ("app", "positive"), ("support", "negative"),
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_a_mention_is_a_piece_of_the_text(text: str) -> None:
    rule = ThemeRule("t", stems=tuple("abcdefghijklmnopqrstuvwxyz"))
    for theme, words in found(text, rule):
        assert theme == "t"
        assert words


def test_seeded_themes_have_readable_names_and_rules() -> None:
    assert len(SEEDED_THEMES) == len(SEEDED_RULES) >= 30
    for slug, theme in SEEDED_THEMES.items():
        assert slug == theme.rule.slug
        assert theme.name[0].isupper()
        assert theme.rule.words


@pytest.mark.parametrize("industry", INDUSTRY_PRESETS)
def test_presets_name_seeded_themes_once(industry: str) -> None:
    slugs = INDUSTRY_PRESETS[industry]
    assert set(slugs) <= set(SEEDED_THEMES)
    assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("The app crashed twice", "reliability"), ("far too expensive", "price"),
        ("still waiting for my refund", "refunds"), ("charged twice on my credit card", "billing"),
        ("could not log in", "account"), ("the parcel never arrived", "delivery"),
        ("your manual is hard to read", "documentation"), ("rude waiter", "staff"),
        ("on hold for an hour", "support"), ("please add dark mode", "features"),
        ("it is easy to use", "ease-of-use"), ("very slow to load", "speed"),
    ],
)  # fmt: skip
def test_seeded_themes_find_what_customers_write_about(text: str, slug: str) -> None:
    mentions = CommentReader().read(text, language="en").mentions
    assert slug in {mention.theme for mention in mentions}
