"""Recognising emotions, several or none, from weights learnt on GoEmotions (CC BY 4.0).

One linear score an emotion over about a thousand words; a word after a negation does not count.
Useful as counts over many comments, weak for a single one.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from feedback.text.tokens import EMOTION_ZERO, NEGATES, Comment, Token

EMOTIONS = (
    "anger", "disappointment", "confusion", "worry", "joy", "gratitude", "appreciation", "surprise",
)  # fmt: skip
Noted = TypeVar("Noted")
_FIELDS = struct.Struct("<8I")
REACH = 2  # words after a negation that show no emotion


class EmotionModel:
    """Weights of words for each of `EMOTIONS`, and the score from which it is recognised.

    Weights count in hundredths, packed into one number a word (see `tokens.EMOTION_ZERO`).
    """

    def __init__(self, trained: Mapping[str, Any]) -> None:
        self._bounds = tuple(round(100 * bound) for bound in trained["bounds"])
        self._lowest = min(self._bounds)
        self._words = {
            word: sum(
                (EMOTION_ZERO + round(100 * weight)) << (32 * i) for i, weight in enumerate(weights)
            )
            for word, weights in trained["words"].items()
        }

    def note(self, token: Token) -> None:
        """Write on `token` its weights."""
        token.emotions = self._words.get(token.word, 0)

    def find(self, comment: Comment) -> tuple[str, ...]:
        """Return the emotions recognised, the surest first; () for none."""
        noted: Sequence[int] = comment.emotions
        if comment.all_flags & NEGATES:
            noted = not_negated(noted, comment.flags, 0)
        noted = list(filter(None, noted))
        scores = _FIELDS.unpack(sum(noted).to_bytes(32, "little"))
        zero = EMOTION_ZERO * len(noted)
        if max(scores) <= zero + self._lowest:
            return ()
        found = [
            (bound - score, name)
            for name, score, bound in zip(EMOTIONS, scores, self._bounds, strict=True)
            if score - zero > bound
        ]
        return tuple([name for _, name in sorted(found)]) if found else ()


def not_negated(column: Sequence[Noted], flags: Sequence[int], nothing: Noted) -> list[Noted]:
    """Return what is noted of each word, `nothing` of those that closely follow a negation."""
    kept = list(column)
    for i in [i for i, its in enumerate(flags) if its & NEGATES]:
        for k in range(i + 1, min(i + 1 + REACH, len(kept))):
            kept[k] = nothing
    return kept


@cache
def emotion_model() -> EmotionModel:
    """Return the model that ships with the product."""
    source = files("feedback.text").joinpath("models", "emotions.json")
    return EmotionModel(json.loads(source.read_text(encoding="utf-8")))
