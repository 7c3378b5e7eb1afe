"""Cutting comments into clauses and adding up what the words of each say.

Sentences and words such as "but" always separate; commas and "and" only where praise and complaint
meet ("great app, terrible support"). Sums are kept by part, so that one pass serves a comment as
a whole and each clause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from feedback.text.comments import Bools, Floats, Ints
from feedback.text.phrases import Phrased
from feedback.text.tokens import CONTRAST, COPULA, JOINS, NEGATES, PAUSE, STOP
from feedback.text.valences import Valences


class Sums(NamedTuple):
    """What the words of parts add up to, one entry a part."""

    words: Ints  # their number
    weight: Floats  # of the words the model knows, and their number
    known: Ints
    negations: Ints
    positive: Floats  # sum and number of positive valences; negative ones as absolutes
    positives: Ints
    negative: Floats
    negatives: Ints

    def by(self, firsts: Ints) -> Sums:
        """Return the sums of the runs of parts that begin at `firsts`."""
        return Sums(*(np.add.reduceat(column, firsts) for column in self))


@dataclass(frozen=True, slots=True)
class Parts:
    """The clauses of comments, those of one comment after those of another.

    `starts` and `ends` are tokens, `bounds` is where the parts of each comment begin and, at last,
    where all end, and `of_token` the part of each token.
    """

    starts: Ints
    ends: Ints
    bounds: Ints
    of_token: Ints
    sums: Sums

    def whole(self) -> Sums:
        """Return what the parts of each comment add up to."""
        return self.sums.by(self.bounds[:-1])


def parts_of(phrased: Phrased, found: Valences) -> Parts:
    """Return the clauses of comments with everything their sentiment is computed from."""
    comments, flags = phrased.comments, phrased.flags
    begins = np.zeros(len(flags), np.bool_)
    begins[comments.firsts] = True
    begins |= (flags & CONTRAST) > 0
    begins[1:] |= (flags[:-1] & STOP) > 0
    begins[_turns(phrased, found, begins)] = True
    starts = np.flatnonzero(begins)
    of_token = np.cumsum(begins) - 1
    bounds = np.append(of_token[comments.firsts], len(starts))
    ends = np.append(starts[1:], len(flags))
    return Parts(starts, ends, bounds, of_token, _sums(phrased, found, starts, of_token))


def _sums(phrased: Phrased, found: Valences, starts: Ints, of_token: Ints) -> Sums:
    weights, values = phrased.weights, found.values
    columns = (
        np.ones(len(weights), np.intp), weights, (weights != 0).astype(np.intp),
        ((phrased.flags & NEGATES) > 0).astype(np.intp),
    )  # fmt: skip
    parts, count = of_token[found.positions], len(starts)
    valences = []
    for sign in (1, -1):
        signed = sign * values > 0
        valences += [
            np.bincount(parts[signed], np.abs(values[signed]), count),
            np.bincount(parts[signed], minlength=count),
        ]
    return Sums(*(np.add.reduceat(column, starts) for column in columns), *valences)


def _turns(phrased: Phrased, found: Valences, begins: Bools) -> Ints:
    """Return where a comma or "and" separates a word of praise from one of complaint.

    Of several commas between them the last counts ("good food, drinks, bad service") unless the
    second word is said of something before it ("great app, and the support, they say, was bad").
    """
    says = found.values != 0
    positions, values = found.positions[says], found.values[says]
    flags, clause = phrased.flags, np.cumsum(begins)
    i, j = positions[:-1], positions[1:]
    opposed = (values[:-1] * values[1:] < 0) & (clause[i] == clause[j])
    i, j = i[opposed], j[opposed]
    is_soft = (flags & JOINS) > 0
    is_soft[1:] |= (flags[:-1] & PAUSE) > 0
    soft, up_to = np.flatnonzero(is_soft), np.cumsum(is_soft)
    between = up_to[j] > up_to[i]
    i, j = i[between], j[between]
    beside = phrased.comments.beside
    is_said_of_before = ((beside(flags, j, -1) | beside(flags, j, -2)) & COPULA) > 0
    return soft[np.where(is_said_of_before, up_to[i], up_to[j] - 1)]
