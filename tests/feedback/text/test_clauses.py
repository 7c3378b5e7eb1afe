import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.text.clauses import parts_of, whole_of
from feedback.text.lexicon import find_phrases
from feedback.text.reading import CommentReader

READER = CommentReader(themes=())


def clauses(text: str) -> list[str]:
    return [text[c.start : c.end] for c in READER.read(text, language="en").clauses]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Great app. It crashes", ["Great app.", "It crashes"]),
        ("I love it but it is slow", ["I love it", "but it is slow"]),
        ("good food, drinks, bad service", ["good food, drinks,", "bad service"]),
        ("great app, and the support, they say, was awful",
         ["great app,", "and the support, they say, was awful"]),
        ("fast, friendly and clean", ["fast, friendly and clean"]),
        ("slow, rude, dirty", ["slow, rude, dirty"]),
        ("However good it is", ["However good it is"]),
        ("Wow!!! So good", ["Wow!!!", "So good"]),
    ],
)  # fmt: skip
def test_sentences_turns_and_meeting_opinions_separate(text: str, cut: list[str]) -> None:
    assert clauses(text) == cut


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["good", "bad", "app", "but", "and", "not", "slow,", "great.", "the", "food,", "was",
             "no", "problems", "would", "recommend", "however", "terrible!", "love"]
        ),
        min_size=1, max_size=25,
    )
)  # fmt: skip
def test_parts_follow_each_other_and_add_up_to_the_whole(words: list[str]) -> None:
    comment = READER.comment(" ".join(words))
    parts = parts_of(find_phrases(comment))
    assert [parts[0].start, *[part.end for part in parts]] == [
        *[part.start for part in parts], len(comment.words),
    ]  # fmt: skip
    whole = whole_of(parts)
    for name in ("weight", "positive", "negative", "count", "positives", "negatives", "negations"):
        total = sum(getattr(part, name) for part in parts)
        assert getattr(whole, name) == pytest.approx(total)
