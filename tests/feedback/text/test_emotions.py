import pytest

from feedback.text.emotions import EmotionModel, negated
from feedback.text.findings import EMOTIONS
from feedback.text.phrases import find_phrases
from feedback.text.reading import CommentReader

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
    phrased = find_phrases(READER.scan(["I am not at all happy", "isn't", "great fun"]))
    assert negated(phrased).tolist() == [*[False] * 3, True, True, *[False] * 4]
    assert "joy" not in READER.read("I am not happy", language="en").emotions


def test_sums_are_those_of_the_words() -> None:
    weights = {"up": [3.0, -2.5, 0, 0, 0, 0, 0, 0], "down": [-1.5, 4.0, 0, 0, 0, 0, 0, 0.5]}
    model = EmotionModel({"bounds": [1.0] * 8, "words": weights})
    reader = CommentReader(themes=(), emotions=model)
    assert reader.read("up up down", language="en").emotions == ("anger",)
    assert reader.read("up " * 3_000 + "down", language="en").emotions == ("anger",)
    assert reader.read("down " * 3_000, language="en").emotions == ("disappointment", "surprise")
