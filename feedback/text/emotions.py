"""Recognising emotions, several or none, from weights learnt on GoEmotions (CC BY 4.0).

One linear score an emotion over about a thousand words; a word after a negation does not count. Useful
as counts over many comments, weak for a single one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from feedback.text.tokens import NEGATES, Token

EMOTIONS = (
    "anger", "disappointment", "confusion", "worry", "joy", "gratitude", "appreciation", "surprise",
)  # fmt: skip
REACH = 2  # words after a negation that show no emotion


class EmotionModel:
    """Weights of words for each of `EMOTIONS`, and the score from which it is recognised."""

    def __init__(self, trained: Mapping[str, Any]) -> None:
        self._bounds: tuple[float, ...] = tuple(trained["bounds"])
        self._words: dict[str, tuple[tuple[int, float], ...]] = {
            word: tuple((i, weight) for i, weight in enumerate(weights) if weight)
            for word, weights in trained["words"].items()
        }

    def note(self, token: Token) -> None:
        """Write on `token` its weights."""
        token.emotions = self._words.get(token.word)

    def find(self, tokens: Sequence[Token], flags: int) -> tuple[str, ...]:
        """Return the emotions recognised, the surest first; () for none.

        `flags` are those of the tokens or-ed together.
        """
        if flags & NEGATES:
            tokens = not_negated(tokens)
        scores = [0.0] * len(EMOTIONS)
        for weights in [token.emotions for token in tokens if token.emotions]:
            for i, weight in weights:
                scores[i] += weight
        found = [
            (bound - score, name)
            for name, score, bound in zip(EMOTIONS, scores, self._bounds, strict=True)
            if score > bound
        ]
        return tuple([name for _, name in sorted(found)]) if found else ()


def not_negated(tokens: Sequence[Token]) -> list[Token]:
    """Leave out the words that follow a negation closely."""
    kept: list[Token] = []
    reach = 0
    for token in tokens:
        if not reach:
            kept.append(token)
        reach = REACH if token.flags & NEGATES else max(reach - 1, 0)
    return kept


@cache
def emotion_model() -> EmotionModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "emotions.json")
    return EmotionModel(json.loads(source.read_text(encoding="utf-8")))
