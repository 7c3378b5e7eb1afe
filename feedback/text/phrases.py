"""Finding the lexicon's phrases: several words that count as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feedback.text.comments import Bools, Comments, Floats, Ints
from feedback.text.lexicon import END
from feedback.text.tokens import FIXED, OPENS_PHRASE, PAUSE, STOP, Token


@dataclass(frozen=True, slots=True)
class Phrased:
    """Comments after their phrases were found.

    `units` are their tokens, a phrase standing at its first word with silence after it, with
    `unit_flags` and `valences`. `muted` are the words of fixed phrases, as "could not be happier"
    neither negates nor doubts: they say nothing but still end sentences, so are `flags`, `weights`
    and `emotions`.
    """

    comments: Comments
    units: Sequence[Token]
    unit_flags: Ints
    valences: Floats
    muted: Bools
    flags: Ints
    weights: Floats
    emotions: Ints

    def words(self) -> list[Sequence[str]]:
        """Return the plain words of each comment, "" for a mute one."""
        tokens = zip(self.comments.tokens, self.muted.tolist(), strict=True)
        words = ["" if is_mute else token.word for token, is_mute in tokens]
        return self.comments.split(words)


_SILENCE = Token("")


def find_phrases(comments: Comments) -> Phrased:
    """Find the phrases of comments."""
    units = list(comments.tokens)
    silent: list[int] = []
    mute: list[int] = []
    starts: list[int] = []
    done = 0
    for i, last in _candidates(comments):
        if i < done or (found := _phrase_at(comments.tokens, i, last)) is None:
            continue  # it begins within the phrase before, or there is none
        done, phrase = found
        units[i] = phrase
        units[i + 1 : done] = [_SILENCE] * (done - i - 1)
        starts.append(i)
        silent += range(i + 1, done)
        if phrase.flags & FIXED:
            mute += range(i, done)
    return _phrased(comments, units, starts, silent, mute)


def _candidates(comments: Comments) -> list[tuple[int, int]]:
    """Return where a phrase may begin, by the marks of two words, and where its comment ends."""
    flags = comments.flags
    at = np.flatnonzero((flags & (OPENS_PHRASE | STOP | PAUSE)) == OPENS_PHRASE)
    at = at[(comments.seconds[at] & comments.beside(comments.marks, at, 1)) > 0]
    ends = comments.bounds[comments.comment_of[at] + 1]
    return list(zip(at.tolist(), ends.tolist(), strict=True))


def _phrase_at(tokens: Sequence[Token], i: int, last: int) -> tuple[int, Token] | None:
    """Return end and token of the longest phrase that begins at `i` and ends before `last`."""
    node: Any = tokens[i].phrases.get(tokens[i + 1].word)
    found, end = None, i + 2
    while node is not None:
        if phrase := node.get(END):
            found = (end, phrase)
        word = tokens[end].word if end < last else ""
        node = node.get(word) if word else None
        end += 1
    return found


def _phrased(
    comments: Comments,
    units: Sequence[Token],
    starts: Sequence[int],
    silent: Sequence[int],
    mute: Sequence[int],
) -> Phrased:
    unit_flags, valences = comments.flags.copy(), comments.valences.copy()
    unit_flags[starts] = [units[i].flags for i in starts]
    valences[starts] = [units[i].valence for i in starts]
    unit_flags[silent] = 0
    muted = np.zeros(len(units), np.bool_)
    muted[mute] = True
    flags, weights = comments.flags.copy(), comments.weights.copy()
    emotions = comments.emotions.copy()
    flags[mute] &= STOP | PAUSE
    weights[mute] = 0.0
    emotions[mute] = 0
    return Phrased(comments, units, unit_flags, valences, muted, flags, weights, emotions)
