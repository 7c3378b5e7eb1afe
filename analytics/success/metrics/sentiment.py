"""Net sentiment and emotions over many texts: shares of readings, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from analytics.statistics.nps import nps
from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.churn import quotient

EMOTION_THRESHOLD = 0.5


def net_sentiment(
    positive: int, negative: int, neutral: int, *, unclear: int = 0, level: float = 0.95
) -> Result:
    """Return 100 (positive - negative) / scored texts, in points with a score interval.

    Statistically the same object as NPS. Unclear texts stay out of the net;
    `parts` shows how many there were.
    """
    scored = positive + negative + neutral
    result = nps(positive, neutral, negative, level=level)
    return replace(
        result,
        convention="share of positive minus share of negative texts, in points",
        parts={
            "positive": positive,
            "negative": negative,
            "neutral": neutral,
            "unclear": unclear,
            "unclear_share": quotient(unclear, scored + unclear),
        },
    )


@dataclass(frozen=True, slots=True)
class EmotionShares:
    """Share of texts with each emotion, and of those in which none was recognised."""

    shares: dict[str, Result]
    none: Result


def emotion_shares(
    texts: Iterable[Mapping[str, float]],
    *,
    threshold: float = EMOTION_THRESHOLD,
    level: float = 0.95,
) -> EmotionShares:
    """Count the texts in which an emotion's probability reaches the threshold.

    A text may hold several emotions, so the shares can add to more than 1.
    """
    listed = list(texts)
    found = [{name for name, p in text.items() if p >= threshold} for text in listed]
    names = sorted({name for text in listed for name in text})
    convention = f"probability of at least {threshold:g}"

    def of_all(count: int) -> Result:
        return share(count, len(listed), level=level, convention=convention)

    shares = {name: of_all(sum(name in text for text in found)) for name in names}
    return EmotionShares(shares, of_all(sum(not text for text in found)))


@dataclass(frozen=True, slots=True)
class ConversationTone:
    """Polarity (-1..1) of the last customer messages, and where it is heading."""

    polarity: float
    trend: float


def conversation_tone(polarities: Sequence[float], *, last: int = 3) -> ConversationTone | None:
    """Return the mean of the last messages and their change from first to last of them."""
    recent = list(polarities[-last:])
    if not recent:
        return None
    return ConversationTone(sum(recent) / len(recent), recent[-1] - recent[0])
