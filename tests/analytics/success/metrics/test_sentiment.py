import pytest

from analytics.statistics.nps import nps
from analytics.success.metrics.sentiment import (
    conversation_tone,
    emotion_shares,
    net_sentiment,
)


def test_net_sentiment_is_the_same_object_as_nps():
    result = net_sentiment(30, 10, 20, unclear=15)
    assert (result.value, result.interval) == (nps(30, 20, 10).value, nps(30, 20, 10).interval)
    assert result.parts["unclear_share"] == 0.2


def test_only_unclear_texts_are_null_and_not_neutral():
    result = net_sentiment(0, 0, 0, unclear=3)
    assert (result.reason, result.parts["unclear_share"]) == ("no_responses", 1)


def test_a_text_may_hold_several_emotions_or_none():
    texts = [{"joy": 0.6, "relief": 0.5}, {"joy": 0.49}, {"anger": 0.1}, {}]
    found = emotion_shares(texts)
    assert (found.shares["joy"].value, found.shares["relief"].value) == (0.25, 0.25)
    assert found.shares["anger"].value == 0
    assert found.none.value == 0.75
    assert emotion_shares([]).none.reason == "no_responses"


def test_a_conversation_is_told_by_its_last_three_messages():
    tone = conversation_tone([0.9, -0.2, -0.5, -0.8])
    assert (tone.polarity, tone.trend) == pytest.approx((-0.5, -0.6))
    assert conversation_tone([]) is None
