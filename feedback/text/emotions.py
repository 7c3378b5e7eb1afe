"""Recognising emotions, several or none, from weights learnt on GoEmotions (CC BY 4.0).

One linear score an emotion over about a thousand words; a word after a negation does not count.
Useful as counts over many comments, weak for a single one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from feedback.text.comments import Bools, running
from feedback.text.findings import EMOTIONS
from feedback.text.phrases import Phrased
from feedback.text.tokens import NEGATES, Token

_NAMES = np.array(EMOTIONS)
REACH = 2  # words after a negation that show no emotion


class EmotionModel:
    """Weights of words for each of `EMOTIONS`, and the score from which it is recognised.

    Both count in hundredths, so that sums are exact. Row 0 is that of a word without weights.
    """

    def __init__(self, trained: Mapping[str, Any]) -> None:
        self._bounds = np.rint(100 * np.array(trained["bounds"])).astype(np.intp)
        self._rows = {word: row for row, word in enumerate(trained["words"], start=1)}
        weights = np.array([(0.0,) * len(EMOTIONS), *trained["words"].values()])
        self._weights = np.rint(100 * weights).astype(np.intp)

    def note(self, token: Token) -> None:
        """Write on `token` the row of its weights."""
        token.emotions = self._rows.get(token.word, 0)

    def find(self, phrased: Phrased) -> list[tuple[str, ...]]:
        """Return the emotions recognised in each comment, the surest first; () for none."""
        at = np.flatnonzero((phrased.emotions > 0) & ~negated(phrased))
        sums = np.zeros((len(at) + 1, len(EMOTIONS)), np.intp)
        np.cumsum(self._weights[phrased.emotions[at]], axis=0, out=sums[1:])
        bounds = np.searchsorted(at, phrased.comments.bounds)
        beyond = sums[bounds[1:]] - sums[bounds[:-1]] - self._bounds
        comment, emotion = np.nonzero(beyond > 0)
        surest = np.lexsort((_NAMES[emotion], -beyond[comment, emotion], comment))
        names = _NAMES[emotion[surest]].tolist()
        ends = running(np.bincount(comment, minlength=len(beyond)))
        return [tuple(names[a:b]) for a, b in pairwise(ends.tolist())]


def negated(phrased: Phrased) -> Bools:
    """Say of each token whether it closely follows a negation, so that it shows no emotion."""
    comment_of = phrased.comments.comment_of
    are_negated = np.zeros(len(comment_of), np.bool_)
    negations = np.flatnonzero(phrased.flags & NEGATES)
    for distance in range(1, REACH + 1):
        after = negations[negations + distance < len(comment_of)]
        after = after[comment_of[after] == comment_of[after + distance]]
        are_negated[after + distance] = True
    return are_negated


@cache
def emotion_model() -> EmotionModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "emotions.json")
    return EmotionModel(json.loads(source.read_text(encoding="utf-8")))
