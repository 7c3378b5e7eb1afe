"""How positive or negative a comment is, as a whole and by clause.

VADER's valences with the customer lexicon, and a linear model over words and pairs of words, add up to
one number, the *leaning*: the log-odds of positive against negative. Between two bounds a comment has
no clear sentiment (neutral); beyond them it is negative or positive. Sums are kept by part, so that
one pass gives the leaning of the comment and of each clause.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, sqrt
from typing import Any

from feedback.text.lexicon import Phrased
from feedback.text.tokens import CONTRAST, JOINS, NEGATES, PAUSE, STOP, Token
from feedback.text.vader import emphasis, valences

POSITIVE, NEUTRAL, NEGATIVE, MIXED = "positive", "neutral", "negative", "mixed"
UNSCORED = "unscored"
NEGATION_REACH = 3  # words a negation marks
NEGATED = "NOT_"
_OPENS = CONTRAST | JOINS
_CLOSES = NEGATES | STOP | PAUSE
_CLEAR = 0.05  # compound where positive begins, as VADER's authors recommend
_NO_PAIRS: Mapping[str, float] = {}


def combined(sentiments: Iterable[str]) -> str:
    """Return the sentiment of several mentions of one theme: mixed where some praise, some blame."""
    found = set(sentiments)
    if MIXED in found or {POSITIVE, NEGATIVE} <= found:
        return MIXED
    return next((one for one in (POSITIVE, NEGATIVE, NEUTRAL) if one in found), UNSCORED)


class Part:
    """Tokens `start` to `end` (excluded) of a comment, and what they add up to."""

    __slots__ = (
        "count", "end", "grams", "is_soft", "leaning", "negations", "negative", "negatives",
        "positive", "positives", "start",
    )  # fmt: skip

    def __init__(self, start: int, *, is_soft: bool = False) -> None:
        self.start = start
        self.end = start
        self.is_soft = is_soft  # begins at a comma or "and", not at a sentence or a "but"
        self.grams = 0.0  # sum of weights of the n-grams the model knows, and their number
        self.count = 0
        self.negations = 0
        self.positive = 0.0  # sum and number of positive valences; negative ones as absolutes
        self.positives = 0
        self.negative = 0.0
        self.negatives = 0
        self.leaning = 0.0

    def add(self, other: Part) -> None:
        """Take in the part that follows."""
        self.end = other.end
        self.grams += other.grams
        self.count += other.count
        self.negations += other.negations
        self.positive += other.positive
        self.positives += other.positives
        self.negative += other.negative
        self.negatives += other.negatives


def features(part: Part, added: float = 0.0) -> tuple[float, ...]:
    """Return the measures the model weighs beside the n-grams, each between -1 and 1 or small.

    They are VADER's compound (with `added` emphasis), its shares of positive and negative, both sums
    squeezed, how much is negated, and the mean valence.
    """
    length = part.end - part.start
    total = part.positive - part.negative
    stressed = total + added if total > 0 else total - added if total < 0 else 0.0
    positive, negative = part.positive + part.positives, part.negative + part.negatives
    whole = (positive + negative + length - part.positives - part.negatives) or 1.0
    return (
        stressed / sqrt(stressed * stressed + 15),
        positive / whole,
        negative / whole,
        part.positive / (part.positive + 1),
        part.negative / (part.negative + 1),
        part.negations / sqrt(length + 1),
        total / (length + 2),
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """The sentiment of a comment; `compound` and `confidence` as in `CommentReading`."""

    sentiment: str
    compound: float
    confidence: float
    parts: tuple[Part, ...]


class SentimentModel:
    """The trained part: weights, the band without clear sentiment, and how sure to be."""

    def __init__(self, trained: Mapping[str, Any]) -> None:
        self.bias: float = trained["bias"]
        self.weights: tuple[float, ...] = tuple(trained["features"])
        self.low, self.high = trained["band"]
        self.opposed = tuple(trained["opposed"])
        self.strongly_opposed = tuple(trained["strongly_opposed"])
        self.mixed_confidence: float = trained["mixed_confidence"]
        self._knots = tuple(leaning for leaning, _ in trained["confidence"])
        self._confidence = tuple(probability for _, probability in trained["confidence"])
        self._words: dict[str, float] = {}
        self._pairs: dict[str, dict[str, float]] = {}
        for gram, weight in trained["grams"].items():
            first, _, second = gram.partition(" ")
            if second:
                self._pairs.setdefault(first, {})[second] = weight
            else:
                self._words[first] = weight

    def note(self, token: Token) -> None:
        """Write on `token` its weights."""
        token.weight = self._words.get(token.word, 0.0)
        token.negated = self._words.get(NEGATED + token.word, 0.0)
        token.bigrams = self._pairs.get(token.word, _NO_PAIRS)

    def leaning(self, part: Part, added: float = 0.0) -> float:
        """Return the log-odds of positive against negative."""
        total = self.bias
        for weight, feature in zip(self.weights, features(part, added), strict=True):
            total += weight * feature
        return total + part.grams / sqrt(part.count) if part.count else total

    def label(self, leaning: float) -> str:
        """Return positive, neutral or negative."""
        if leaning > self.high:
            return POSITIVE
        return NEGATIVE if leaning < self.low else NEUTRAL

    def compound(self, leaning: float) -> float:
        """Map a leaning to -1..1 so that the bounds of neutral fall on -0.05 and 0.05."""
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        beyond = abs(leaning - middle) - half
        if beyond <= 0:
            return round(_CLEAR * (leaning - middle) / half, 4)
        strength = _CLEAR + (1 - _CLEAR) * (1 - exp(-beyond / 2))
        return round(strength if leaning > middle else -strength, 4)

    def confidence(self, leaning: float) -> float:
        """Return the probability (0..1) that the label of `leaning` is right, from the table."""
        i = bisect_right(self._knots, leaning)
        if i == 0 or i == len(self._knots):
            return self._confidence[max(i - 1, 0)]
        low, high = self._knots[i - 1], self._knots[i]
        share = (leaning - low) / (high - low)
        return round(self._confidence[i - 1] * (1 - share) + self._confidence[i] * share, 3)

    def judge(self, comment: Phrased, text: str) -> Judgement:
        """Return the sentiment of a comment."""
        parts = measured(comment)
        whole = Part(0)
        for part in parts:
            whole.add(part)
        leaning = self.leaning(whole, emphasis(text))
        label = self.label(leaning)
        if len(parts) == 1:
            parts[0].leaning = leaning
            return Judgement(label, self.compound(leaning), self.confidence(leaning), tuple(parts))
        for part in parts:
            part.leaning = self.leaning(part)
        parts = self._merged(parts)
        if self._is_mixed(leaning, [part.leaning for part in parts]):
            return Judgement(MIXED, self.compound(leaning), self.mixed_confidence, tuple(parts))
        return Judgement(label, self.compound(leaning), self.confidence(leaning), tuple(parts))

    def _is_mixed(self, leaning: float, of_parts: Sequence[float]) -> bool:
        """Say whether clauses oppose each other and neither outweighs the other.

        That is where all together has no clear sentiment, or where two strong clauses are all.
        """
        lowest, highest = min(of_parts), max(of_parts)
        if len(of_parts) == 2:
            low, high = self.strongly_opposed
            if lowest < low and highest > high:
                return True
        low, high = self.opposed
        return self.low <= leaning <= self.high and lowest < low and highest > high

    def _merged(self, parts: Sequence[Part]) -> list[Part]:
        """Join parts at commas and "and" unless one side praises and the other complains."""
        merged = [parts[0]]
        for part in parts[1:]:
            last = merged[-1]
            opposed = {self.label(last.leaning), self.label(part.leaning)} == {POSITIVE, NEGATIVE}
            if part.is_soft and not opposed:
                last.add(part)
                last.leaning = self.leaning(last)
            else:
                merged.append(part)
        return merged


def measured(comment: Phrased) -> list[Part]:
    """Return the parts of a comment with everything the leaning is computed from.

    Commas and "and" separate parts only where a comment has words of both kinds.
    """
    positions, values = valences(comment.units, comment.flags)
    is_fine = bool(values) and min(values) < 0 < max(values)
    parts = cut(comment.words, is_fine=is_fine)
    _spread(parts, [comment.origins[i] for i in positions], values)
    return parts


def _spread(parts: Sequence[Part], positions: Sequence[int], values: Sequence[float]) -> None:
    """Add each valence to the part its word stands in."""
    i, part = 0, parts[0]
    for position, value in zip(positions, values, strict=True):
        while position >= part.end:
            i += 1
            part = parts[i]
        if value > 0:
            part.positive += value
            part.positives += 1
        elif value < 0:
            part.negative -= value
            part.negatives += 1


def cut(tokens: Sequence[Token], *, is_fine: bool) -> list[Part]:
    """Cut a comment into parts and sum the weights of the n-grams of each."""
    parts: list[Part] = []
    part = Part(0)
    grams, count, reach = 0.0, 0, 0
    pairs = _NO_PAIRS
    for i, token in enumerate(tokens):
        flags = token.flags
        if flags & _OPENS and i > part.start and (is_fine or flags & CONTRAST):
            part.end, part.grams, part.count = i, grams, count
            parts.append(part)
            part = Part(i, is_soft=not flags & CONTRAST)
            grams, count = 0.0, 0
            if flags & CONTRAST:
                pairs, reach = _NO_PAIRS, 0
        weight = token.negated if reach else token.weight
        if weight:
            grams += weight
            count += 1
        if pairs and (weight := pairs.get(token.word, 0.0)):
            grams += weight
            count += 1
        pairs = token.bigrams
        if reach:
            reach -= 1
        if flags & _CLOSES:
            if flags & NEGATES:
                reach = NEGATION_REACH
                part.negations += 1
            if flags & STOP or (is_fine and flags & PAUSE):
                part.end, part.grams, part.count = i + 1, grams, count
                parts.append(part)
                part = Part(i + 1, is_soft=not flags & STOP)
                grams, count = 0.0, 0
                if flags & STOP:
                    pairs, reach = _NO_PAIRS, 0
    part.end, part.grams, part.count = len(tokens), grams, count
    if part.end > part.start or not parts:
        parts.append(part)
    return parts


def grams_of(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the n-grams `cut` sums up, by name: words, negated words, pairs within a clause."""
    before, reach = "", 0
    for token in tokens:
        if token.flags & CONTRAST:
            before, reach = "", 0
        if token.word:
            yield NEGATED + token.word if reach else token.word
            if before:
                yield f"{before} {token.word}"
        before = token.word
        reach = NEGATION_REACH if token.flags & NEGATES else max(reach - 1, 0)
        if token.flags & STOP:
            before, reach = "", 0


@cache
def sentiment_model() -> SentimentModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "sentiment.json")
    return SentimentModel(json.loads(source.read_text(encoding="utf-8")))
