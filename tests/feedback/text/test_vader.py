"""The package's analyser is the oracle: every score must be the same to the last bit."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES

from feedback.text.lexicon import vader_analyzer
from feedback.text.vader import FastVader
from tests.bench.bench_reading import LENGTHS, written_comments

ORACLE = vader_analyzer()
FAST = FastVader(ORACLE)

TRICKY = [
    "", " ", "good", "GOOD", "not good", "not very good", "NOT good at all!!!", "no good",
    "no problem", "no, nor good or bad", "it is no good or great", "the least helpful reply",
    "at least it is good", "the very least good", "least good", "never so good", "never this bad",
    "without doubt great", "without a doubt great", "kind of good", "it was kind of good",
    "sort of GREAT", "just enough good", "the shit", "this app is the shit", "to die for",
    "the food is to die for", "yeah right", "oh well yeah right", "bad ass", "bus stop",
    "good but bad", "good good but bad bad good", "But good", "bad but", "but but good bad good",
    "great!!!!!!", "great????", "great??", "VERY good", "very GOOD", "VERY GOOD", "ok :) :D :-(",
    "I ❤️ it", "😊", "good😊", "😊😊 bad", "👍🏽", "don't love", "don’t love", "isn't bad",
    "cannot hate",
    "good.\u00a0Bad", "good\u2003bad", "İyi good", "ß", "!!", "...", "( good )", "'good'", "-good-",
    "a b c good", "hardly good", "barely a good thing", "so good", "this is so not good",
    "it is so a good", "uber good", "fuckin good", "no no good", "no. good", "NO good THING",
]  # fmt: skip


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_text_scores_as_the_package_does(text: str) -> None:
    assert repr(FAST.polarity_scores(text)) == repr(ORACLE.polarity_scores(text))


@pytest.mark.parametrize("length", LENGTHS)
def test_comments_score_as_the_package_does(length: int) -> None:
    for text in written_comments(LENGTHS[length], 150):
        assert repr(FAST.polarity_scores(text)) == repr(ORACLE.polarity_scores(text)), text


WORDS = st.one_of(
    st.sampled_from(sorted(ORACLE.lexicon)),
    st.sampled_from(sorted(BOOSTER_DICT) + NEGATE + " ".join(SPECIAL_CASES).split()),
    st.sampled_from(["but", "BUT", "no", "so", "this", "least", "at", "very", "or", "nor", "a"]),
    st.sampled_from(sorted(ORACLE.emojis)),
    st.text(max_size=4),
)
SHAPES = st.sampled_from([str, str.upper, str.title, lambda w: w + "!", lambda w: f"({w}?"])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(WORDS, SHAPES), max_size=14), st.sampled_from([" ", "  ", "\n", " "]))
def test_any_row_of_words_scores_as_the_package_does(words: list, space: str) -> None:
    text = space.join(shape(word) for word, shape in words)
    assert repr(FAST.polarity_scores(text)) == repr(ORACLE.polarity_scores(text))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_scores_as_the_package_does(text: str) -> None:
    assert repr(FAST.polarity_scores(text)) == repr(ORACLE.polarity_scores(text))


def _files_at_hand() -> list[Path]:
    """Return the labelled sets in READING_DATA, a folder that is not in the repository."""
    folder = os.environ.get("READING_DATA")
    return sorted(Path(folder).glob("*.csv")) if folder else []


if _files_at_hand():

    @pytest.mark.slow
    @pytest.mark.parametrize("path", _files_at_hand(), ids=lambda path: path.stem)
    def test_every_text_at_hand_scores_as_the_package_does(path: Path) -> None:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                fast, oracle = (one.polarity_scores(row["text"]) for one in (FAST, ORACLE))
                assert repr(fast) == repr(oracle), row["text"]
