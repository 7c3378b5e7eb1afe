"""Score and words held against each other; sentiment itself never looks at the score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.disagreement import SURE, combined_label, disagrees

TONES = st.sampled_from(["positive", "neutral", "negative"])


def test_a_promoter_with_clearly_unhappy_words_is_flagged():
    assert disagrees("negative", compound=-0.8, confidence=0.93, tone="positive")
    assert disagrees("positive", compound=0.8, confidence=0.93, tone="negative")


@pytest.mark.parametrize(
    ("sentiment", "compound", "confidence", "tone"),
    [
        ("negative", -0.8, 0.8, "positive"),  # not sure enough
        ("negative", -0.3, 0.9, "positive"),  # not strong enough
        ("negative", -0.8, 0.9, "neutral"),  # a middle score contradicts nothing
        ("negative", -0.8, 0.9, "negative"),
        ("mixed", -0.8, 0.9, "positive"),
        ("unscored", None, None, "positive"),
    ],
)
def test_anything_weaker_is_not(sentiment, compound, confidence, tone):
    assert not disagrees(sentiment, compound=compound, confidence=confidence, tone=tone)


@given(st.sampled_from(["positive", "neutral", "negative"]), TONES)
def test_words_we_are_sure_of_win_against_the_score(sentiment, tone):
    assert combined_label(sentiment, confidence=0.99, tone=tone) == sentiment


def test_unsure_words_give_way_to_the_score():
    assert combined_label("positive", confidence=0.4, tone="negative") == "negative"
    assert combined_label("neutral", confidence=0.5, tone="positive") == "positive"


def test_words_that_were_not_scored_leave_it_to_the_score():
    assert combined_label("unscored", confidence=None, tone="positive") == "positive"
    assert combined_label("unscored", confidence=None, tone="neutral") == "negative"


def test_mixed_stays_mixed():
    assert combined_label("mixed", confidence=SURE, tone="negative") == "mixed"
