"""Cutting a comment into clauses and adding up what the words of each say.

Sentences and words such as "but" always separate; commas and "and" only where praise and complaint
meet ("great app, terrible support"). Sums are kept by part, so that one pass serves the comment as
a whole and each clause.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise

from feedback.text.lexicon import Phrased
from feedback.text.tokens import CONTRAST, COPULA, JOINS, NEGATES, PAUSE, STOP
from feedback.text.vader import valences


class Part:
    """Tokens `start` to `end` (excluded) of a comment, and what they add up to."""

    __slots__ = (
        "compound", "count", "end", "leaning", "negations", "negative", "negatives", "positive",
        "positives", "sentiment", "start", "weight",
    )  # fmt: skip
    # Set when the part is judged: log-odds of positive against negative, and what follows from it.
    leaning: float
    compound: float
    sentiment: str

    def __init__(self, start: int, end: int, weights: Sequence[float], negations: int) -> None:
        self.start = start
        self.end = end
        self.weight = sum(weights)  # of the words the model knows, and their number
        self.count = end - start - weights.count(0.0)
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
        self.weight += other.weight
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
    whole = Part(0, 0, (), 0)
    for part in parts:
        whole.add(part)
    return whole


def parts_of(phrased: Phrased) -> list[Part]:
    """Return the clauses of a comment with everything their sentiment is computed from."""
    comment = phrased.comment
    flags, count = comment.flags, len(comment.flags)
    positions, values = valences(phrased.units, phrased.flags, comment.all_flags)
    starts, negations = [0], []
    for i in compress(range(count), comment.marks):
        its = flags[i]
        if its & NEGATES:
            negations.append(i)
        if its & CONTRAST and i > starts[-1]:
            starts.append(i)
        if its & STOP and i + 1 < count:
            starts.append(i + 1)
    if values and min(values) < 0 < max(values):
        starts = sorted({*starts, *_turns(flags, starts, positions, values)})
    if len(starts) == 1:
        only = Part(0, count, comment.weights, len(negations))
        only.add_valences(values)
        return [only]
    return _parts(comment.weights, starts, negations, positions, values)


def _parts(
    weights: Sequence[float],
    starts: Sequence[int],
    negations: Sequence[int],
    positions: Sequence[int],
    values: Sequence[float],
) -> list[Part]:
    parts = []
    done, negated = 0, 0  # valences and negations already given to a part
    for start, end in zip(starts, [*starts[1:], len(weights)], strict=True):
        up_to = bisect_left(positions, end, done)
        negated_up_to = bisect_left(negations, end, negated)
        part = Part(start, end, weights[start:end], negated_up_to - negated)
        if up_to > done:
            part.add_valences(values[done:up_to])
        parts.append(part)
        done, negated = up_to, negated_up_to
    return parts


def _turns(
    flags: Sequence[int],
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
        if one * two > 0 or bisect_right(starts, i) != bisect_right(starts, j):
            continue
        soft = [k for k in range(i + 1, j + 1) if flags[k - 1] & PAUSE or flags[k] & JOINS]
        if soft:
            is_said_of_before = any(its & COPULA for its in flags[max(j - 2, 0) : j])
            yield soft[0] if is_said_of_before else soft[-1]
