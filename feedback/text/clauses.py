"""Cutting a comment into clauses and adding up what the words of each say.

Sentences and words such as "but" always separate; commas and "and" only where praise and complaint
meet ("great app, terrible support"). Sums are kept by part, so that one pass serves the comment as a
whole and each clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from feedback.text.lexicon import Phrased
from feedback.text.tokens import CONTRAST, COPULA, JOINS, NEGATES, PAUSE, STOP, Token
from feedback.text.vader import valences

NEGATION_REACH = 3  # words a negation marks
NEGATED = "NOT_"
_MARKS = NEGATES | STOP | CONTRAST


class Part:
    """Tokens `start` to `end` (excluded) of a comment, and what they add up to."""

    __slots__ = (
        "compound", "count", "end", "grams", "leaning", "negations", "negative", "negatives",
        "positive", "positives", "sentiment", "start",
    )  # fmt: skip
    # Set when the part is judged: log-odds of positive against negative, and what follows from it.
    leaning: float
    compound: float
    sentiment: str

    def __init__(self, start: int, end: int, grams: float, count: int, negations: int) -> None:
        self.start = start
        self.end = end
        self.grams = grams  # sum of weights of the n-grams the model knows, and their number
        self.count = count
        self.negations = negations
        self.positive = 0.0  # sum and number of positive valences; negative ones as absolutes
        self.positives = 0
        self.negative = 0.0
        self.negatives = 0

    def add_valences(self, values: Sequence[float]) -> None:
        """Take in the valences of the words in this part."""
        for value in values:
            if value > 0:
                self.positive += value
                self.positives += 1
            elif value < 0:
                self.negative -= value
                self.negatives += 1

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


def whole_of(parts: Sequence[Part]) -> Part:
    """Return all parts as one."""
    if len(parts) == 1:
        return parts[0]
    whole = Part(0, 0, 0.0, 0, 0)
    for part in parts:
        whole.add(part)
    return whole


def parts_of(comment: Phrased) -> list[Part]:
    """Return the clauses of a comment with everything their sentiment is computed from.

    A pair of words counts for the part of its second word, and not across a sentence or a "but".
    """
    tokens, count = comment.words, len(comment.words)
    positions, values = valences(comment.units, comment.flags)
    if comment.origins:
        positions = [comment.origins[i] for i in positions]
    words = [token.weight for token in tokens]
    pairs = [one.bigrams.get(two.word, 0.0) for one, two in pairwise(tokens)]
    pairs.insert(0, 0.0)
    starts, negations = [0], []
    for i in [i for i, token in enumerate(tokens) if token.flags & _MARKS]:
        flags = tokens[i].flags
        if flags & CONTRAST:
            pairs[i] = 0.0
            if i > starts[-1]:
                starts.append(i)
        if flags & NEGATES:
            negations.append(i)
            _negate(tokens, words, i)
        if flags & STOP and i + 1 < count:
            starts.append(i + 1)
            pairs[i + 1] = 0.0
    if values and min(values) < 0 < max(values):
        starts = sorted({*starts, *_turns(tokens, starts, positions, values)})
    if len(starts) == 1:
        known = 2 * count - words.count(0.0) - pairs.count(0.0)
        only = Part(0, count, sum(words) + sum(pairs), known, len(negations))
        only.add_valences(values)
        return [only]
    return _parts(words, pairs, starts, negations, positions, values)


def _parts(
    words: Sequence[float],
    pairs: Sequence[float],
    starts: Sequence[int],
    negations: Sequence[int],
    positions: Sequence[int],
    values: Sequence[float],
) -> list[Part]:
    parts = []
    done, negated = 0, 0  # valences and negations already given to a part
    for start, end in pairwise([*starts, len(words)]):
        one, two = words[start:end], pairs[start:end]
        known = 2 * (end - start) - one.count(0.0) - two.count(0.0)
        first, seen = done, negated
        while done < len(positions) and positions[done] < end:
            done += 1
        while negated < len(negations) and negations[negated] < end:
            negated += 1
        part = Part(start, end, sum(one) + sum(two), known, negated - seen)
        part.add_valences(values[first:done])
        parts.append(part)
    return parts


def _negate(tokens: Sequence[Token], words: list[float], at: int) -> None:
    """Put the weights of negated words for those after a negation, within its clause."""
    for i in range(at + 1, min(at + 1 + NEGATION_REACH, len(tokens))):
        if tokens[i - 1].flags & STOP or tokens[i].flags & CONTRAST:
            break
        words[i] = tokens[i].negated


def _turns(
    tokens: Sequence[Token],
    starts: Sequence[int],
    positions: Sequence[int],
    values: Sequence[float],
) -> Iterator[int]:
    """Yield where a comma or "and" separates a word of praise from one of complaint.

    Of several commas between them the last counts ("good food, drinks, bad service") unless the
    second word is said of something before it ("great app, and the support, they say, was bad").
    """
    hits = [(i, value) for i, value in zip(positions, values, strict=True) if value]
    for (i, one), (j, two) in pairwise(hits):
        if one * two > 0 or any(i < start <= j for start in starts):
            continue
        soft = [
            k
            for k in range(i + 1, j + 1)
            if tokens[k - 1].flags & PAUSE or tokens[k].flags & JOINS
        ]
        if soft:
            is_said_of_before = any(token.flags & COPULA for token in tokens[max(j - 2, 0) : j])
            yield soft[0] if is_said_of_before else soft[-1]


def grams_of(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the n-grams `parts_of` sums up, by name: words, negated words, pairs within a clause."""
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
