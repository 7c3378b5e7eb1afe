"""What reading a comment finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

POSITIVE, NEUTRAL, NEGATIVE, MIXED = "positive", "neutral", "negative", "mixed"
UNSCORED = "unscored"
EMOTIONS = (
    "anger", "disappointment", "confusion", "worry", "joy", "gratitude", "appreciation", "surprise",
)  # fmt: skip
_OPPOSITES = {POSITIVE, NEGATIVE}


def combined(sentiments: Iterable[str]) -> str:
    """Return the sentiment of several mentions of one theme: mixed for praise and blame."""
    found = set(sentiments)
    if MIXED in found or found >= _OPPOSITES:
        return MIXED
    return next((one for one in (POSITIVE, NEGATIVE, NEUTRAL) if one in found), UNSCORED)


class Clause(NamedTuple):
    """A part of a comment with one sentiment; offsets are characters of the original text."""

    start: int
    end: int
    sentiment: str
    compound: float | None


class MentionFound(NamedTuple):
    """A theme at `start`..`end` (the matched words), with the sentiment of its clause."""

    theme: str
    start: int
    end: int
    sentiment: str
    compound: float | None


class CommentReading(NamedTuple):
    """What one comment says.

    `language` is ISO 639-1, "" when it cannot be told; `sentiment` is positive, neutral, negative,
    mixed or unscored, then with a `reason`: empty, non_answer, too_short, too_long, no_words,
    language_unsupported, language_unknown or unreadable. `compound` (-1..1) and `confidence` (0..1,
    calibrated: the share of such readings that is right) are None when unscored.
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


def unscored(reason: str, language: str = "", confidence: float = 0.0) -> CommentReading:
    """Return the reading of a comment whose sentiment is not judged."""
    return CommentReading(language, confidence, UNSCORED, reason, None, None, (), (), ())
