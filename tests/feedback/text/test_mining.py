"""Mined subjects: frequent, not yet held by a theme, with their trend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.text.mining import MIN_COMMENTS, Weight, mine, weight_of

RATE = "The exchange rate was far too low on Monday"
OTHER = [f"Nothing special to say about number {n}" for n in range(100)]


def texts(found) -> list[str]:
    return [phrase.text for phrase in found]


def test_a_phrase_many_comments_use_is_offered_with_its_trend():
    [phrase] = mine([RATE] * 23 + OTHER, [RATE] * 8 + OTHER)
    assert (phrase.text, phrase.comments, phrase.before) == ("exchange rate", 23, 8)
    assert phrase.growth == pytest.approx((23 / 123) / (8 / 108) - 1)
    assert phrase.examples == (0, 1, 2, 3, 4)


def test_a_phrase_that_was_not_there_before_has_no_growth_to_tell():
    assert mine([RATE] * 23 + OTHER, OTHER)[0].growth is None


def test_what_a_theme_holds_is_not_offered():
    comments = [*[RATE] * 23, *["The parking was far away"] * 10, *OTHER]
    assert texts(mine(comments, known=["exchange rate", "exchange"])) == ["parking"]
    assert texts(mine(comments, known=["exchange rates", "exchanges", "rate"])) == ["parking"]


def test_a_held_word_may_stand_beside_a_new_one():
    assert texts(mine(["The card reader again"] * 9 + OTHER, known=["card"])) == ["card reader"]


def test_forms_of_a_word_are_one_subject_named_as_mostly_written():
    comments = ["My statements are wrong"] * 6 + ["My statement is wrong"] * 3 + OTHER
    [phrase] = mine(comments)
    assert (phrase.text, phrase.comments) == ("statements", 9)


def test_a_word_that_mostly_stands_in_a_pair_is_offered_as_the_pair():
    comments = [*["The wall mount is loose"] * 20, *["The mount is loose"] * 4, *OTHER]
    assert texts(mine(comments)) == ["wall mount"]


def test_words_do_not_pair_across_a_full_stop():
    assert "statement parking" not in texts(mine(["My statement. Parking too"] * 9 + OTHER))


@pytest.mark.parametrize("count", [1, MIN_COMMENTS - 1])
def test_rare_phrases_are_not_offered(count):
    assert mine([RATE] * count + OTHER) == []


def test_the_name_of_the_business_is_not_offered():
    assert mine([f"The hotel is number {n}" for n in range(100)]) == []


@pytest.mark.parametrize(
    "word",
    ["great", "keeps", "keeping", "delicious", "even", "monday", "terrible", "of", "x", "42"],
)
def test_feelings_grammar_and_times_are_no_subjects(word):
    assert weight_of(word) == Weight.NONE


@pytest.mark.parametrize("word", ["statement", "parking", "delays", "refund", "battery"])
def test_nouns_are_subjects_also_where_they_sound_like_a_feeling(word):
    assert weight_of(word) == Weight.SUBJECT


def test_addresses_and_names_on_networks_are_no_subjects():
    assert mine(["see https://kestrel.example/statement @kestrel #statement"] * 30 + OTHER) == []


@given(st.lists(st.text(max_size=80), max_size=60))
def test_any_text_is_mined_twice_alike(comments):
    found = mine(comments, comments)
    assert found == mine(comments, comments)
    assert all(phrase.comments >= MIN_COMMENTS for phrase in found)


def test_the_words_of_a_held_pair_are_not_offered_one_by_one():
    comments = ["The parking garage was narrow"] * 20 + OTHER
    assert mine(comments, known=["parking garage"]) == []
    assert texts(mine([*comments, *["No parking at all"] * 9], known=["parking garage"])) == [
        "parking"
    ]
