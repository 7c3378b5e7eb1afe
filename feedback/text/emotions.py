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

    def scores(self, tokens: Sequence[Token]) -> list[float]:
        """Return the score of each emotion."""
        scores = [0.0] * len(EMOTIONS)
        reach = 0
        for token in tokens:
            if token.emotions and not reach:
                for i, weight in token.emotions:
                    scores[i] += weight
            if token.flags & NEGATES:
                reach = REACH
            elif reach:
                reach -= 1
        return scores

    def find(self, tokens: Sequence[Token]) -> tuple[str, ...]:
        """Return the emotions recognised, the surest first; () for none."""
        scores = self.scores(tokens)
        found = [
            (bound - score, name)
            for name, score, bound in zip(EMOTIONS, scores, self._bounds, strict=True)
            if score > bound
        ]
        return tuple(name for _, name in sorted(found)) if found else ()


@cache
def emotion_model() -> EmotionModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "emotions.json")
    return EmotionModel(json.loads(source.read_text(encoding="utf-8")))
