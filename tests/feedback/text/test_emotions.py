import pytest

from feedback.text.emotions import EMOTIONS, EmotionModel, not_negated
from feedback.text.reading import CommentReader
from feedback.text.tokens import NEGATES

READER = CommentReader(themes=())


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Thank you so much for your help", "gratitude"),
        ("I am so angry, this is disgusting", "anger"),
        ("I am worried and scared that my money is gone", "worry"),
        ("I am confused, I don't understand this", "confusion"),
        ("So disappointed and sad", "disappointment"),
        ("I love it, so happy and excited", "joy"),
        ("Wow, what a surprise, unexpected", "surprise"),
        ("Amazing work, great and beautiful", "appreciation"),
    ],
)
def test_emotions_are_recognised(text: str, emotion: str) -> None:
    assert emotion in READER.read(text, language="en").emotions


def test_most_comments_show_none() -> None:
    assert READER.read("The parcel came on Monday", language="en").emotions == ()


def test_several_emotions_come_surest_first() -> None:
    found = READER.read("Thank you, I love it so much!", language="en").emotions
    assert set(found) >= {"gratitude", "joy"}
    assert set(found) <= set(EMOTIONS)


def test_a_negated_word_shows_no_emotion() -> None:
    assert not_negated(["a", "b", "c", "d"], [0, NEGATES, 0, 0], "") == ["a", "b", "", ""]
    assert "joy" not in READER.read("I am not happy", language="en").emotions


def test_packed_sums_equal_plain_sums() -> None:
    weights = {"up": [3.0, -2.5, 0, 0, 0, 0, 0, 0], "down": [-1.5, 4.0, 0, 0, 0, 0, 0, 0.5]}
    model = EmotionModel({"bounds": [1.0] * 8, "words": weights})
    reader = CommentReader(themes=(), emotions=model)
    assert reader.read("up up down", language="en").emotions == ("anger",)
    assert reader.read("up " * 3_000 + "down", language="en").emotions == ("anger",)
    assert reader.read("down " * 3_000, language="en").emotions == ("disappointment", "surprise")
