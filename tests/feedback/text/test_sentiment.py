import pytest

from feedback.text.clauses import Part
from feedback.text.sentiment import SentimentModel, combined, features, sentiment_model

TRAINED = {
    "bias": 0.0, "features": [1.0, 0, 0, 0, 0, 0, 0], "band": [-1.0, 2.0], "opposed": [-1, 1],
    "strongly_opposed": [-2, 2], "mixed_confidence": 0.5, "words": {},
    "confidence": [[-3.0, 0.9], [-1.0, 0.6], [2.0, 0.6], [4.0, 1.0]],
}  # fmt: skip


def judged(leaning: float) -> Part:
    part = Part(0, 1, (0.0,), 0)
    SentimentModel(TRAINED)._judge_part(part, leaning)
    return part


@pytest.mark.parametrize(
    ("leaning", "sentiment", "compound"),
    [(-1.0, "neutral", -0.05), (2.0, "neutral", 0.05), (0.5, "neutral", 0.0)],
)
def test_the_bounds_of_neutral_are_those_of_vader(
    leaning: float, sentiment: str, compound: float
) -> None:
    part = judged(leaning)
    assert (part.sentiment, part.compound) == (sentiment, compound)


def test_compound_rises_with_the_leaning_and_agrees_with_the_label() -> None:
    parts = [judged(step / 10) for step in range(-80, 80)]
    compounds = [part.compound for part in parts]
    assert compounds == sorted(compounds)
    assert compounds[0] >= -1 and compounds[-1] <= 1
    for part in parts:
        assert (part.sentiment == "positive") == (part.compound > 0.05)
        assert (part.sentiment == "negative") == (part.compound < -0.05)


def test_confidence_is_read_between_the_points_of_the_table() -> None:
    model = SentimentModel(TRAINED)
    assert model.confidence(-9) == 0.9
    assert model.confidence(-2) == 0.75
    assert model.confidence(3) == 0.8
    assert model.confidence(9) == 1.0


def test_the_shipped_confidence_falls_towards_the_band_and_stays_below_certain() -> None:
    model = sentiment_model()
    strong, weak = model.confidence(5.0), model.confidence(1.2)
    assert 0.9 < strong <= 0.98
    assert 0.4 < weak < strong
    assert 0.9 < model.confidence(-5.0) <= 0.98


def test_features_of_nothing_are_nothing() -> None:
    assert features(Part(0, 0, (), 0)) == (0.0,) * 7


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
