"""One support conversation as the model sees it: features as they were known at a message.

Nothing that happened after a message may tell about it: replies, solutions
and ratings that came later are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log1p
from typing import Literal

from analytics.success.metrics.sentiment import conversation_tone

LAST = 3
_HOUR = 3600
What = Literal["customer", "agent", "solved", "reopened"]
FEATURES = (
    "sentiment", "sentiment_trend", "intensity", "anger", "frustration",
    "intent_cancel", "intent_refund", "intent_complaint", "intent_thanks",
    "contacts", "reopens", "log_first_reply_hours", "log_waiting_hours", "resolved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read in one message of a customer; `polarity` None with a `reason` when unread."""

    polarity: float | None = None
    emotions: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One happening of a conversation; `heard` belongs to messages of customers."""

    at: datetime
    what: What
    heard: Heard = Heard()


def customer_turns(turns: Sequence[Turn]) -> list[int]:
    """Return the places of the customer's messages."""
    return [place for place, turn in enumerate(turns) if turn.what == "customer"]


def features_at(turns: Sequence[Turn], place: int) -> Mapping[str, float | None]:
    """Return the features known when the customer's message at `place` came in.

    Ordered by time. Sentiment and trend are None while no message of the last
    three could be read.
    """
    known = turns[: place + 1]
    said = [turn for turn in known if turn.what == "customer"]
    last = [turn.heard for turn in said[-LAST:]]
    read = [heard for heard in last if heard.polarity is not None]
    tone = conversation_tone([h.polarity for h in read if h.polarity is not None], last=LAST)
    state = [turn.what for turn in known if turn.what in ("solved", "reopened")]
    return {
        "sentiment": tone.polarity if tone else None,
        "sentiment_trend": tone.trend if tone else None,
        "intensity": _mean([abs(h.polarity or 0.0) for h in read]) if read else None,
        "anger": _share(read, {"anger"}) if read else None,
        "frustration": _share(read, {"disappointment", "worry"}) if read else None,
        **{
            f"intent_{name}": float(any(name in heard.intents for heard in last))
            for name in ("cancel", "refund", "complaint", "thanks")
        },
        "contacts": float(_contacts(known)),
        "reopens": float(state.count("reopened")),
        "log_first_reply_hours": log1p(_first_reply(known) / _HOUR),
        "log_waiting_hours": log1p(_waiting(known) / _HOUR),
        "resolved": float(state[-1:] == ["solved"]),
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _share(heard: Sequence[Heard], emotions: set[str]) -> float:
    return _mean([float(bool(one.emotions & emotions)) for one in heard])


def _contacts(known: Sequence[Turn]) -> int:
    """Count how often the customer came: messages in a row without an answer are one contact."""
    spoken = [turn.what for turn in known if turn.what in ("customer", "agent")]
    return sum(
        what == "customer" and before != "customer"
        for before, what in zip(["agent", *spoken], spoken, strict=False)
    )


def _first_reply(known: Sequence[Turn]) -> float:
    """Return the seconds to the first answer; those waited so far while there is none."""
    start = next(turn.at for turn in known if turn.what == "customer")
    reply = next((t.at for t in known if t.what == "agent" and t.at >= start), known[-1].at)
    return (reply - start).total_seconds()


def _waiting(known: Sequence[Turn]) -> float:
    """Return the seconds since the first message of the customer nobody has answered yet."""
    since = known[-1].at
    for turn in reversed(known):
        if turn.what == "agent":
            break
        if turn.what == "customer":
            since = turn.at
    return (known[-1].at - since).total_seconds()
