"""How positive or negative a comment is, as a whole and by clause.

VADER's valences with the customer lexicon, and a linear model over words, add up to one
number, the *leaning*: the log-odds of positive against negative. Between two bounds a comment
has no clear sentiment (neutral); beyond them it is negative or positive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from feedback.text.clauses import Parts, Sums
from feedback.text.comments import Bools, Floats
from feedback.text.findings import MIXED, NEGATIVE, NEUTRAL, POSITIVE
from feedback.text.tokens import Token
from feedback.text.vader import emphasis

_BY_SIGN = np.array([NEUTRAL, POSITIVE, NEGATIVE], object)  # the last is that of -1
_CLEAR = 0.05  # compound where positive begins, as VADER's authors recommend


def features(sums: Sums, added: Floats | float = 0.0) -> tuple[Floats, ...]:
    """Return the measures the model weighs beside the words, each between -1 and 1 or small.

    They are VADER's compound (with `added` emphasis), its shares of positive and negative, both
    sums squeezed, how much is negated, and the mean valence.
    """
    positive, negative = sums.positive, sums.negative
    total = positive - negative
    stressed = total + np.sign(total) * added
    # A word without sentiment counts 1, one with sentiment its valence and 1, as in VADER.
    whole = np.maximum(positive + negative + sums.words, 1.0)
    return (
        stressed / np.sqrt(stressed * stressed + 15),
        (positive + sums.positives) / whole,
        (negative + sums.negatives) / whole,
        positive / (positive + 1),
        negative / (negative + 1),
        sums.negations / np.sqrt(sums.words + 1),
        total / (sums.words + 2),
    )


class Judged(NamedTuple):
    """Sentiments and compounds of several comments or parts."""

    sentiments: list[str]
    compounds: list[float]


class Judgements(NamedTuple):
    """The sentiment of comments and of their parts; `confidences` as in `CommentReading`."""

    wholes: Judged
    confidences: list[float]
    parts: Judged


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

    def leanings(self, sums: Sums, added: Floats | float = 0.0) -> Floats:
        """Return the log-odds of positive against negative; `added` is emphasis as in VADER."""
        measures = zip(self._weights, features(sums, added), strict=True)
        total = sum((weight * measure for weight, measure in measures), np.zeros(len(sums.words)))
        # A part without any word the model knows has weight 0.
        return total + sums.weight / np.sqrt(np.maximum(sums.known, 1)) + self._bias

    def confidences(self, leanings: Floats) -> Floats:
        """Return the probabilities (0..1) that the labels of `leanings` are right."""
        return np.round(np.interp(leanings, self._knots, self._confidence), 3)

    def judge(self, parts: Parts, texts: Sequence[str]) -> Judgements:
        """Return the sentiment of comments and of their clauses."""
        leanings = self.leanings(parts.whole(), np.array(list(map(emphasis, texts))))
        of_parts = self.leanings(parts.sums)
        firsts, counts = parts.bounds[:-1], np.diff(parts.bounds)
        alone = counts == 1
        of_parts[firsts[alone]] = leanings[alone]
        wholes, confidences = self.judged(leanings), self.confidences(leanings).tolist()
        lowest = np.minimum.reduceat(of_parts, firsts)
        highest = np.maximum.reduceat(of_parts, firsts)
        are_mixed = self._are_mixed(leanings, lowest, highest, counts == 2) & ~alone
        for k in np.flatnonzero(are_mixed).tolist():
            wholes.sentiments[k], confidences[k] = MIXED, self._mixed_confidence
        return Judgements(wholes, confidences, self.judged(of_parts))

    def judged(self, leanings: Floats) -> Judged:
        """Return sentiments and compounds; the bounds of neutral fall on -0.05 and 0.05."""
        low, high = self._low, self._high
        is_positive, is_negative = leanings > high, leanings < low
        beyond = np.maximum(np.maximum(leanings - high, low - leanings), 0.0)
        strength = 1 - (1 - _CLEAR) * np.exp(-beyond / 2)
        inside = _CLEAR * (2 * (leanings - low) / (high - low) - 1)
        compounds = np.where(is_positive, strength, np.where(is_negative, -strength, inside))
        sentiments = _BY_SIGN[is_positive.astype(np.intp) - is_negative]
        return Judged(sentiments.tolist(), np.round(compounds, 4).tolist())

    def _are_mixed(
        self, leanings: Floats, lowest: Floats, highest: Floats, are_two: Bools
    ) -> Bools:
        """Say whether clauses oppose each other and neither outweighs the other.

        That is where all together has no clear sentiment, or where two strong clauses are all.
        """
        low, high = self._strongly_opposed
        strongly: Bools = are_two & (lowest < low) & (highest > high)
        low, high = self._opposed
        unclear = (self._low <= leanings) & (leanings <= self._high)
        return strongly | (unclear & (lowest < low) & (highest > high))


@cache
def sentiment_model() -> SentimentModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "sentiment.json")
    return SentimentModel(json.loads(source.read_text(encoding="utf-8")))
