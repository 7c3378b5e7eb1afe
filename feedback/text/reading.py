"""Reading a comment: what a person's words say, without a database.

`CommentReader` is built once per process; `read` is a pure function of text, declared language and
`version`, so a reading can be repeated at any time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from feedback.text.presets import SEEDED_RULES, SEEDED_THEMES
from feedback.text.themes import WORD, ThemeMatcher, ThemeRule, words_of

__all__ = [
    "SEEDED_RULES",
    "SEEDED_THEMES",
    "Clause",
    "CommentReader",
    "CommentReading",
    "MentionFound",
    "ThemeRule",
]

MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a comment with one sentiment; offsets are characters of the original text."""

    start: int
    end: int
    sentiment: str
    compound: float | None


@dataclass(frozen=True, slots=True)
class MentionFound:
    """A theme at `start`..`end` (the matched words), with the sentiment of its clause."""

    theme: str
    start: int
    end: int
    sentiment: str
    compound: float | None


@dataclass(frozen=True, slots=True)
class CommentReading:
    """What one comment says.

    `language` is ISO 639-1, "" when it cannot be told; `sentiment` is positive, neutral, negative, mixed
    or unscored, then with a `reason`; `compound` -1..1 and `confidence` 0..1 are None when unscored.
    """

    language: str
    language_confidence: float
    sentiment: str
    reason: str
    compound: float | None
    confidence: float | None
    emotions: tuple[str, ...]
    mentions: tuple[MentionFound, ...]
    clauses: tuple[Clause, ...]


_COMMON_ENGLISH = frozenset(
    ["the", "a", "an", "and", "is", "was", "it", "to", "of", "in", "for", "not", "very", "with", "my", "i", "you", "we", "they", "this", "that", "but", "on", "are", "have", "be", "good", "great", "bad", "love", "never", "app", "service", "support", "too", "no", "so"]
)
_NON_ANSWERS = frozenset({"n/a", "na", "none", "no", "nothing", "-", ".", "nil", "no comment"})


def _label(compound: float) -> str:
    if compound >= 0.05:
        return "positive"
    return "negative" if compound <= -0.05 else "neutral"


class CommentReader:
    """Reads comments with one set of themes and own words; build it once per process."""

    def __init__(
        self,
        *,
        themes: Sequence[ThemeRule] = SEEDED_RULES,
        words: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self._matcher = ThemeMatcher(themes)
        self._analyzer = SentimentIntensityAnalyzer()
        self._analyzer.lexicon.update({word.lower(): weight for word, weight in words.items()})
        described = repr((tuple(themes), sorted(words.items())))
        self.version = hashlib.sha256(described.encode()).hexdigest()[:12]

    def read_many(self, comments: Sequence[tuple[str, str | None]]) -> list[CommentReading]:
        """Read (text, declared language) pairs; a comment that cannot be read is *unscored*."""
        return [self.read(text, language=language) for text, language in comments]

    def read(self, text: str, *, language: str | None = None) -> CommentReading:
        """Read one comment; `language` is what the survey or an admin declared, None to detect."""
        refused = self._refusal(text)
        if refused:
            return CommentReading("", 0.0, "unscored", refused, None, None, (), (), ())
        words = words_of(text)
        known = sum(word in _COMMON_ENGLISH or word in self._analyzer.lexicon for word in words)
        confidence = round(known / len(words), 3)
        if (language or "en") != "en" or confidence < 0.2:
            reason = "language_unsupported" if language else "language_unknown"
            return CommentReading(
                language or "", confidence, "unscored", reason, None, None, (), (), ()
            )
        compound = self._analyzer.polarity_scores(text)["compound"]
        clause = Clause(0, len(text), _label(compound), compound)
        return CommentReading(
            "en", confidence, clause.sentiment, "", compound, 0.5 + abs(compound) / 2, (),
            self._mentions(text, words, clause), (clause,),
        )  # fmt: skip

    @staticmethod
    def _refusal(text: str) -> str:
        stripped = text.strip()
        if not stripped:
            return "empty"
        if len(stripped) > MAX_CHARACTERS:
            return "too_long"
        if stripped.lower().strip(" .!") in _NON_ANSWERS or not re.search(r"\w", stripped):
            return "non_answer"
        return "" if WORD.search(stripped) else "too_short"

    def _mentions(
        self, text: str, words: Sequence[str], clause: Clause
    ) -> tuple[MentionFound, ...]:
        spans = [match.span() for match in WORD.finditer(text)]
        return tuple(
            MentionFound(
                hit.theme,
                spans[hit.first][0],
                spans[hit.last][1],
                clause.sentiment,
                clause.compound,
            )
            for hit in self._matcher.find(words)
        )
