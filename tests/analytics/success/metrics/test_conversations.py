from datetime import UTC, datetime, timedelta
from math import expm1

import pytest

from analytics.success.metrics.conversations import (
    FEATURES,
    Heard,
    Turn,
    customer_turns,
    features_at,
)
from analytics.success.metrics.intents import wishes

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def turn(hours, what, polarity=None, *, emotions=(), intents=()):
    heard = Heard(polarity, frozenset(emotions), frozenset(intents))
    return Turn(START + timedelta(hours=hours), what, heard)


TALK = [
    turn(0, "customer", 0.4),
    turn(2, "agent"),
    turn(3, "customer", -0.6, emotions=["anger"], intents=["cancel"]),
    turn(4, "customer", -0.2),
    turn(5, "solved"),
    turn(9, "reopened"),
    turn(10, "customer", None),
]


def test_features_are_those_known_at_the_message():
    found = features_at(TALK, 3)
    assert set(found) == set(FEATURES)
    assert found["sentiment"] == pytest.approx((0.4 - 0.6 - 0.2) / 3)
    assert found["sentiment_trend"] == pytest.approx(-0.6)
    assert found["intensity"] == pytest.approx(0.4)
    assert found["anger"] == pytest.approx(1 / 3)
    assert (found["intent_cancel"], found["intent_thanks"]) == (1, 0)
    assert found["contacts"] == 2  # two messages in a row are one contact
    assert expm1(found["log_first_reply_hours"]) == pytest.approx(2)
    assert expm1(found["log_waiting_hours"]) == pytest.approx(1)
    assert (found["reopens"], found["resolved"]) == (0, 0)


def test_nothing_later_changes_what_was_known():
    for place in customer_turns(TALK):
        assert features_at(TALK, place) == features_at(TALK[: place + 1], place)


def test_a_message_that_cannot_be_read_leaves_the_others():
    found = features_at(TALK, 6)
    assert found["sentiment"] == pytest.approx(-0.4)
    assert (found["reopens"], found["resolved"]) == (1, 0)
    alone = features_at([turn(0, "customer", None)], 0)
    assert alone["sentiment"] is None
    assert (alone["contacts"], alone["log_waiting_hours"]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("If this is not fixed I will cancel our subscription.", ["cancel"]),
        ("I do not want to cancel, I want it to work.", []),
        ("Please close my account and refund me.", ["cancel", "refund"]),
        ("We're not going to cancel yet", []),
        ("I want my money back", ["refund"]),
        ("No refund needed, thank you!", ["thanks"]),
        ("Third time I write. This is unacceptable.", ["complaint", "complaint"]),
        ("It works now, thanks a lot", ["thanks", "thanks"]),
        ("Where do I find the VAT report?", []),
        ("", []),
    ],
)
def test_what_customers_want_is_read_and_denials_are_not(text, intents):
    assert [wish.intent for wish in wishes(text)] == intents


def test_huge_and_hostile_texts_are_read_in_no_time():
    assert len(wishes("cancel " * 50_000)) <= 3000
    assert wishes("not " * 40_000) == []
    assert wishes("n't a an any to us " * 9_000 + "\x00\u202e") == []
