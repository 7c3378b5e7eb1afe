import json
import math
from pathlib import Path

import numpy as np
import pytest

import feedback.text as shipped
from feedback.text.clauses import Sums, parts_of
from feedback.text.findings import combined
from feedback.text.phrases import find_phrases
from feedback.text.reading import CommentReader
from feedback.text.sentiment import Judged, SentimentModel, features, sentiment_model
from feedback.text.tokens import NEGATES
from feedback.text.vader import emphasis
from feedback.text.valences import valences_of

TRAINED = {
    "bias": 0.0, "features": [1.0, 0, 0, 0, 0, 0, 0], "band": [-1.0, 2.0], "opposed": [-1, 1],
    "strongly_opposed": [-2, 2], "mixed_confidence": 0.5, "words": {},
    "confidence": [[-3.0, 0.9], [-1.0, 0.6], [2.0, 0.6], [4.0, 1.0]],
}  # fmt: skip


def judged(*leanings: float) -> Judged:
    return SentimentModel(TRAINED).judged(np.array(leanings))


@pytest.mark.parametrize(
    ("leaning", "sentiment", "compound"),
    [(-1.0, "neutral", -0.05), (2.0, "neutral", 0.05), (0.5, "neutral", 0.0)],
)
def test_the_bounds_of_neutral_are_those_of_vader(
    leaning: float, sentiment: str, compound: float
) -> None:
    assert judged(leaning) == ([sentiment], [compound])


def test_compound_rises_with_the_leaning_and_agrees_with_the_label() -> None:
    sentiments, compounds = judged(*[step / 10 for step in range(-80, 80)])
    assert compounds == sorted(compounds)
    assert compounds[0] >= -1 and compounds[-1] <= 1
    for sentiment, compound in zip(sentiments, compounds, strict=True):
        assert (sentiment == "positive") == (compound > 0.05)
        assert (sentiment == "negative") == (compound < -0.05)


def test_confidence_is_read_between_the_points_of_the_table() -> None:
    leanings = np.array([-9.0, -2, 3, 9])
    assert SentimentModel(TRAINED).confidences(leanings).tolist() == [0.9, 0.75, 0.8, 1.0]


def test_the_shipped_confidence_falls_towards_the_band_and_stays_below_certain() -> None:
    strong, weak, negative = sentiment_model().confidences(np.array([5.0, 1.2, -5.0]))
    assert 0.9 < strong <= 0.98
    assert 0.4 < weak < strong
    assert 0.9 < negative <= 0.98


@pytest.mark.parametrize(
    "text",
    [
        "The support team never answered", "Great app!", "It crashes and is really not good",
        "I could not be happier with the delivery!!", "We are a team of five people",
    ],
)  # fmt: skip
def test_the_shipped_table_can_be_applied_by_hand(text: str) -> None:
    """The model stays a list of weights that a few lines of arithmetic turn into a reading."""
    table = json.loads((Path(shipped.__file__).parent / "models" / "sentiment.json").read_text())
    reader = CommentReader(themes=())
    phrased = find_phrases(reader.scan([text]))
    values = valences_of(phrased).values.tolist()
    up, down = sum(v for v in values if v > 0), -sum(v for v in values if v < 0)
    count, total = len(text.split()), up - down
    stressed = total + (emphasis(text) if total > 0 else -emphasis(text) if total < 0 else 0)
    whole = up + down + count
    negations = sum(bool(flags & NEGATES) for flags in phrased.flags.tolist())
    measures = (
        stressed / math.sqrt(stressed**2 + 15),
        (up + sum(v > 0 for v in values)) / whole, (down + sum(v < 0 for v in values)) / whole,
        up / (up + 1), down / (down + 1), negations / math.sqrt(count + 1), total / (count + 2),
    )  # fmt: skip
    weights = [w for word in phrased.words()[0] if (w := table["words"].get(word))]
    leaning = table["bias"] + sum(w * m for w, m in zip(table["features"], measures, strict=True))
    leaning += sum(weights) / math.sqrt(len(weights) or 1)
    low, high = table["band"]
    label = "positive" if leaning > high else "negative" if leaning < low else "neutral"
    assert reader.read(text, language="en").sentiment == label
    (ours,) = sentiment_model().leanings(
        parts_of(phrased, valences_of(phrased)).whole(), emphasis(text)
    )
    assert ours == pytest.approx(leaning)


def test_features_of_nothing_are_nothing() -> None:
    nothing = Sums(*[np.zeros(1)] * 8)
    assert [float(measure[0]) for measure in features(nothing)] == [0.0] * 7


@pytest.mark.parametrize(
    ("sentiments", "together"),
    [
        (["positive", "negative"], "mixed"), (["neutral", "negative"], "negative"),
        (["positive", "neutral"], "positive"), (["neutral"], "neutral"), ([], "unscored"),
        (["mixed", "positive"], "mixed"),
    ],
)  # fmt: skip
def test_mentions_of_one_theme_are_combined(sentiments: list[str], together: str) -> None:
    assert combined(sentiments) == together
