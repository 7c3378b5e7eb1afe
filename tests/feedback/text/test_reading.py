import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.text.reading import MAX_CHARACTERS, CommentReader, CommentReading, ThemeRule
from tests.bench.bench_reading import LENGTHS, written_comments

READER = CommentReader()
SENTIMENTS = {"positive", "neutral", "negative", "mixed", "unscored"}


def read(text: str) -> CommentReading:
    return READER.read(text, language="en")


@pytest.mark.parametrize(
    "text",
    [
        "Support never answered", "app keeps crashing", "needs better support",
        "still waiting for my refund", "too slow", "on hold for 2 hours", "can't log in",
        "please fix the login", "Thanks for nothing", "would not recommend", "never again",
        "It does not work on my phone", "leaves a lot to be desired", "not worth the money",
        "Nobody called me back", "charged me twice", "worst customer service ever", "what a joke",
        "It used to be good", "stay away from this place", "the battery dies after an hour",
        "I don’t like it", "sooo slooow", "RUDE staff!!!", "overpriced and underwhelming",
    ],
)  # fmt: skip
def test_complaints_are_negative(text: str) -> None:
    reading = read(text)
    assert reading.sentiment == "negative"
    assert reading.compound is not None and reading.compound <= -0.05


@pytest.mark.parametrize(
    "text",
    [
        "Could not be happier!", "couldn't be better", "no complaints", "highly recommend",
        "exceeded my expectations", "easy to use", "great value for money", "never disappointed",
        "Thank you so much for the quick reply", "worth every penny", "can't go wrong with it",
        "works like a charm", "not bad at all", "I love it ❤", "fast delivery",
        "no problems so far",
        "blown away by the staff", "The food is to die for", "hassle free", "super easy",
    ],
)  # fmt: skip
def test_praise_is_positive(text: str) -> None:
    reading = read(text)
    assert reading.sentiment == "positive"
    assert reading.compound is not None and reading.compound >= 0.05


@pytest.mark.parametrize(
    "text", ["I use it on Mondays", "My order number is 4711", "We are a team of five people"]
)
def test_statements_have_no_clear_sentiment(text: str) -> None:
    assert read(text).sentiment == "neutral"


@pytest.mark.parametrize(
    "text",
    [
        "Great app, terrible support", "great product but terrible support",
        "The food was delicious but the waiter was rude",
    ],
)  # fmt: skip
def test_praise_and_complaint_are_mixed_with_a_clause_each(text: str) -> None:
    reading = read(text)
    assert reading.sentiment == "mixed"
    assert [clause.sentiment for clause in reading.clauses] == ["positive", "negative"]


@pytest.mark.parametrize(
    "text",
    ["n/a", "N/A", "none", "-", "No.", "nothing", "--", "nil", "no comment", "nothing to add",
     "No, thanks", "idk", "see above", ".", "???", ":", "keine"],
)  # fmt: skip
def test_non_answers_are_recognised(text: str) -> None:
    reading = READER.read(text)
    assert (reading.sentiment, reading.reason) == ("unscored", "non_answer")
    assert reading.compound is reading.confidence is None


@pytest.mark.parametrize("text", ["", " ", "\n\t  ", "\u3000"])
def test_empty_comments_are_unscored(text: str) -> None:
    assert READER.read(text).reason == "empty"


@pytest.mark.parametrize("text", ["No problems at all", "none of it worked", "nothing works"])
def test_an_answer_that_begins_like_a_non_answer_is_read(text: str) -> None:
    assert read(text).reason == ""


def test_a_foreign_comment_is_unscored_with_its_language() -> None:
    reading = READER.read("Der Support hat nie geantwortet, sehr schlechter Service")
    assert (reading.language, reading.sentiment) == ("de", "unscored")
    assert reading.reason == "language_unsupported"
    assert reading.mentions == reading.emotions == reading.clauses == ()


def test_own_words_change_what_is_read() -> None:
    text = "it uses blockchain"
    assert read(text).sentiment == "neutral"
    for weight, sentiment in ((3.0, "positive"), (-3.0, "negative")):
        reader = CommentReader(words={"blockchain": weight})
        assert reader.read(text, language="en").sentiment == sentiment


def test_own_phrases_and_revaluations_win_over_what_ships() -> None:
    reader = CommentReader(words={"slow food": 3.0, "crash": 2.5})
    assert reader.read("a slow food place", language="en").sentiment == "positive"
    assert reader.read("this is a crash", language="en").sentiment == "positive"


@pytest.mark.parametrize("weight", [4.5, -9.0, float("nan")])
def test_a_weight_out_of_range_is_refused_with_the_word(weight: float) -> None:
    with pytest.raises(ValueError, match="gizmo"):
        CommentReader(words={"gizmo": weight})


def test_the_version_changes_with_words_and_themes_only() -> None:
    same = CommentReader(words={"gizmo": 1.0}).version
    assert CommentReader(words={"gizmo": 1.0}).version == same
    assert CommentReader(words={"gizmo": 2.0}).version != same
    assert CommentReader(words={"gizmo": 1.0}, themes=(ThemeRule("a"),)).version != same
    assert READER.version != same


def test_offsets_cut_the_words_out_of_the_text() -> None:
    text = "  The “delivery”😊, was\tlate — but\n\nthe (support) team/chat was great!!  "
    reading = read(text)
    words = {mention.theme: text[mention.start : mention.end] for mention in reading.mentions}
    assert words["delivery"] == "delivery"
    assert words["support"] == "support"
    assert text[reading.clauses[0].start : reading.clauses[-1].end] == text.strip()


def test_many_are_read_as_each_alone() -> None:
    texts = ["Great app", "n/a", "Great app", "Terrible support but nice people", "", "zu teuer"]
    texts += [comment for words in LENGTHS.values() for comment in written_comments(words, 150)]
    texts += [text[:3_000] for text in HOSTILE.values()]
    pairs = [(text, None) for text in texts] * 2
    assert READER.read_many(pairs) == [READER.read(text) for text, _ in pairs]


def test_a_batch_of_long_comments_is_read_in_groups() -> None:
    long = [f"Comment {n}: " + "good, bad and slow. " * 2_000 for n in range(12)]
    readings = READER.read_many([(text, "en") for text in long])
    assert [reading.sentiment for reading in readings] == [readings[0].sentiment] * 12
    assert all(text[r.clauses[-1].end :] == " " for text, r in zip(long, readings, strict=True))


def test_words_are_forgotten_when_too_many_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback.text.comments.MAX_TOKENS_KEPT", 10)
    reader = CommentReader()
    for _ in range(3):
        for text in ("Great app, terrible support", "the delivery was late/slow again this week"):
            assert reader.read(text) == READER.read(text)


def test_a_poison_comment_does_not_stop_the_batch() -> None:
    readings = READER.read_many([("Great app", None), (None, None), ("Bad app", None)])  # type: ignore[list-item]
    assert [reading.reason for reading in readings] == ["", "unreadable", ""]
    assert [reading.sentiment for reading in readings] == ["positive", "unscored", "negative"]


HOSTILE = {
    "a megabyte": "word " * 200_000,
    "one endless word": "a" * 49_000,
    "only emoji": "😀👍🏽❤️" * 2_000,
    "zalgo": "H̷̡̪̯ͨ͊̽̅̾̎Ȩ̬̩̾͛ͪ̈́̀́͘ ̶̧̨̱̹̭̯ͧ̾ͬC̷̙̲̝͖ͭ̏ͥͮ͟Oͮ͏̮̪̝͍M̲̖͊̒ͪͩͬ̚̚͜Ȇ̴̟̟͙̞ͩ͌͝S̨̥̫͎̭ͯ̿̔̀ͅ" * 100,
    "mixed scripts": "good хорошо 好 جيد bueno " * 500,
    "html": "<script>alert('x')</script><b>great</b>&nbsp;" * 500,
    "500 repetitions": "but not bad, but good " * 500,
    "control characters": "go\x00od\x07 \x1b[31mbad\x1b[0m \ud7ff\ufffe ok" * 200,
    "lone surrogates": "good \ud800 bad \udfff",
    "brackets": "([{" * 10_000,
    "commas": "good,bad," * 5_000,
    "no spaces": "good.bad!" * 5_000,
    "right to left": "\u202egood\u202c bad \u200f",
    "phrases": "would not recommend could not be happier " * 1_000,
    "negations": "not no never " * 3_000,
    "stretched": "so" + "o" * 40_000 + " good",
    "links": "http://x.y/" + "a/" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_or_refused(name: str) -> None:
    for language in (None, "en"):
        begun = time.process_time()
        reading = READER.read_many([(HOSTILE[name], language)])[0]
        assert time.process_time() - begun < 5  # a bound against quadratic work, not a timing
        assert reading.sentiment in SENTIMENTS
        assert (reading.sentiment == "unscored") == bool(reading.reason)
        assert reading.reason != "unreadable"


def test_text_beyond_the_limit_is_refused() -> None:
    assert READER.read("a " * MAX_CHARACTERS).reason == "too_long"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.sampled_from([None, "en", "de"]))
def test_any_text_gives_a_sound_reading(text: str, language: str | None) -> None:
    reading = READER.read_many([(text, language)])[0]
    assert reading.reason != "unreadable"
    assert reading.sentiment in SENTIMENTS
    if reading.sentiment == "unscored":
        assert reading.compound is None and reading.reason
        return
    assert reading.compound is not None and -1 <= reading.compound <= 1
    assert reading.confidence is not None and 0 <= reading.confidence <= 1
    ends = [offset for clause in reading.clauses for offset in (clause.start, clause.end)]
    assert ends == sorted(ends) and ends[-1] <= len(text)
    for clause in reading.clauses:
        assert text[clause.start : clause.end].strip()
    for mention in reading.mentions:
        assert 0 <= mention.start < mention.end <= len(text)
