import pytest

from feedback.text.lexicon import (
    Lexicon,
    customer_valences,
    expanded,
    inflections,
    parsed,
    vader_analyzer,
)
from feedback.text.phrases import find_phrases
from feedback.text.reading import CommentReader

READER = CommentReader(themes=())


def units(text: str) -> list[str]:
    return [unit.lower for unit in find_phrases(READER.scan([text])).units if unit.lower]


def test_entries_stand_for_forms_and_combinations() -> None:
    assert inflections("crash") == ("crash", "crashes", "crashed", "crashing")
    assert inflections("freeze") == ("freeze", "freezes", "freezed", "freezing")
    assert list(expanded("{do|does} not {work|load}")) == [
        "do not work", "do not load", "does not work", "does not load",
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["word", "5\tword", "-9\tword", "x\tword"])
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(ValueError):
        parsed(["1\tfine", line])


def test_the_shipped_lexicon_is_sound() -> None:
    entries = customer_valences()
    assert len(entries) > 4_000
    assert all(word == word.lower().strip() and word for words in entries for word in words)


def test_words_that_customers_use_to_ask_are_no_praise() -> None:
    lexicon = Lexicon()
    for word in ("please", "support", "help", "care"):
        assert vader_analyzer().lexicon[word] > 0
        assert lexicon.words[word] == 0


def test_the_longest_phrase_counts_as_one_word() -> None:
    assert units("I could not be happier with it") == ["i", "could not be happier", "with", "it"]
    assert units("It is not fair. Enough said") == ["it", "is", "not fair", "enough", "said"]


def test_a_phrase_does_not_reach_over_a_full_stop() -> None:
    assert "not good" not in units("I think not. Good day")


def test_words_of_a_fixed_phrase_are_mute() -> None:
    texts = ["I could not be happier", "it is not good"]
    words = find_phrases(READER.scan(texts)).words()
    assert words == [["i", "", "", "", ""], ["it", "is", "not", "good"]]


def test_a_phrase_does_not_reach_into_the_next_comment() -> None:
    found = find_phrases(READER.scan(["would not", "recommend it"]))
    assert [unit.lower for unit in found.units] == ["would", "not", "recommend", "it"]


def test_own_words_replace_shipped_ones() -> None:
    assert Lexicon({"Terrible": 1.5}).words["terrible"] == 1.5
    assert Lexicon({"user-friendly": -2.0}).phrases["user"]["friendly"][""].valence == -2.0
