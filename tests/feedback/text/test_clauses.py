import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.text.clauses import parts_of
from feedback.text.phrases import find_phrases
from feedback.text.reading import CommentReader
from feedback.text.valences import valences_of

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
    phrased = find_phrases(READER.scan([" ".join(words), "It was great, but slow"]))
    parts = parts_of(phrased, valences_of(phrased))
    assert [*parts.starts, len(words) + 5] == [0, *parts.ends]
    assert {0, len(words)} <= set(parts.starts)
    assert list(parts.of_token[parts.starts]) == list(range(len(parts.starts)))
    first = parts.bounds[1]
    for column, whole in zip(parts.sums, parts.whole(), strict=True):
        assert list(whole) == pytest.approx([sum(column[:first]), sum(column[first:])])
