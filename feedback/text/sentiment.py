"""How positive or negative a comment is, as a whole and by clause.

VADER's valences with the customer lexicon, and a linear model over words, add up to one
number, the *leaning*: the log-odds of positive against negative. Between two bounds a comment
has no clear sentiment (neutral); beyond them it is negative or positive.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import exp, sqrt
from typing import Any, NamedTuple

from feedback.text.clauses import Part, parts_of, whole_of
from feedback.text.lexicon import Phrased
from feedback.text.tokens import Token
from feedback.text.vader import emphasis

POSITIVE, NEUTRAL, NEGATIVE, MIXED = "positive", "neutral", "negative", "mixed"
UNSCORED = "unscored"
_OPPOSITES = {POSITIVE, NEGATIVE}
_CLEAR = 0.05  # compound where positive begins, as VADER's authors recommend


def combined(sentiments: Iterable[str]) -> str:
    """Return the sentiment of several mentions of one theme: mixed for praise and blame."""
    found = set(sentiments)
    if MIXED in found or found >= _OPPOSITES:
        return MIXED
    return next((one for one in (POSITIVE, NEGATIVE, NEUTRAL) if one in found), UNSCORED)


def features(part: Part, added: float = 0.0) -> tuple[float, ...]:
    """Return the measures the model weighs beside the words, each between -1 and 1 or small.

    They are VADER's compound (with `added` emphasis), its shares of positive and negative, both
    sums squeezed, how much is negated, and the mean valence.
    """
    length = part.end - part.start
    positive, negative = part.positive, part.negative
    total = positive - negative
    stressed = total + added if total > 0 else total - added if total < 0 else 0.0
    # A word without sentiment counts 1, one with sentiment its valence and 1, as in VADER.
    whole = (positive + negative + length) or 1.0
    return (
        stressed / sqrt(stressed * stressed + 15),
        (positive + part.positives) / whole,
        (negative + part.negatives) / whole,
        positive / (positive + 1),
        negative / (negative + 1),
        part.negations / sqrt(length + 1),
        total / (length + 2),
    )


class Judgement(NamedTuple):
    """The sentiment of a comment; `compound` and `confidence` as in `CommentReading`."""

    sentiment: str
    compound: float
    confidence: float
    parts: Sequence[Part]


class SentimentModel:
    """The trained part: weights, the band without clear sentiment, and how sure to be."""

    def __init__(self, trained: Mapping[str, Any]) -> None:
        self._bias: float = trained["bias"]
        self._weights: tuple[float, ...] = tuple(trained["features"])
        self._low, self._high = trained["band"]
        self._opposed = tuple(trained["opposed"])
        self._strongly_opposed = tuple(trained["strongly_opposed"])
        self._mixed_confidence: float = trained["mixed_confidence"]
        self._knots = tuple(leaning for leaning, _ in trained["confidence"])
        self._confidence = tuple(probability for _, probability in trained["confidence"])
        self._words: dict[str, float] = trained["words"]

    def note(self, token: Token) -> None:
        """Write on `token` its weight."""
        token.weight = self._words.get(token.word, 0.0)

    def leaning(self, part: Part, added: float = 0.0) -> float:
        """Return the log-odds of positive against negative; `added` is emphasis as in VADER."""
        if part.positives or part.negatives:
            a, b, c, d, e, f, g = self._weights
            one, two, three, four, five, six, seven = features(part, added)
            total = a * one + b * two + c * three + d * four + e * five + f * six + g * seven
        else:  # all but the sixth measure are nought
            total = self._weights[5] * part.negations / sqrt(part.end - part.start + 1)
        if part.count:
            total += part.weight / sqrt(part.count)
        return total + self._bias

    def confidence(self, leaning: float) -> float:
        """Return the probability (0..1) that the label of `leaning` is right, from the table."""
        i = bisect_right(self._knots, leaning)
        if i == 0 or i == len(self._knots):
            return float(self._confidence[max(i - 1, 0)])
        low, high = self._knots[i - 1], self._knots[i]
        share = (leaning - low) / (high - low)
        return round(self._confidence[i - 1] * (1 - share) + self._confidence[i] * share, 3)

    def judge(self, phrased: Phrased, text: str) -> Judgement:
        """Return the sentiment of a comment and of its clauses."""
        parts = parts_of(phrased)
        whole = whole_of(parts)
        leaning = self.leaning(whole, emphasis(text))
        if len(parts) > 1:
            for part in parts:
                self._judge_part(part, self.leaning(part))
        self._judge_part(whole, leaning)
        if len(parts) > 1 and self._is_mixed(leaning, [part.leaning for part in parts]):
            return Judgement(MIXED, whole.compound, self._mixed_confidence, parts)
        return Judgement(whole.sentiment, whole.compound, self.confidence(leaning), parts)

    def _judge_part(self, part: Part, leaning: float) -> None:
        """Set sentiment and compound; the bounds of neutral fall on -0.05 and 0.05."""
        low, high = self._low, self._high
        part.leaning = leaning
        if leaning > high:
            part.sentiment = POSITIVE
            part.compound = round(1 - (1 - _CLEAR) * exp((high - leaning) / 2), 4)
        elif leaning < low:
            part.sentiment = NEGATIVE
            part.compound = round((1 - _CLEAR) * exp((leaning - low) / 2) - 1, 4)
        else:
            part.sentiment = NEUTRAL
            part.compound = round(_CLEAR * (2 * (leaning - low) / (high - low) - 1), 4)

    def _is_mixed(self, leaning: float, of_parts: Sequence[float]) -> bool:
        """Say whether clauses oppose each other and neither outweighs the other.

        That is where all together has no clear sentiment, or where two strong clauses are all.
        """
        lowest, highest = min(of_parts), max(of_parts)
        if len(of_parts) == 2:
            low, high = self._strongly_opposed
            if lowest < low and highest > high:
                return True
        low, high = self._opposed
        return self._low <= leaning <= self._high and lowest < low and highest > high


@cache
def sentiment_model() -> SentimentModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "sentiment.json")
    return SentimentModel(json.loads(source.read_text(encoding="utf-8")))
