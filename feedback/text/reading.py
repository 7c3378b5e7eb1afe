"""Reading a comment: what a person's words say, without a database.

`CommentReader` is built once per process; `read` is a pure function of text, declared language and
`version`, so a reading can be repeated at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from feedback.text.clauses import Part
from feedback.text.emotions import EmotionModel, emotion_model
from feedback.text.fingerprint import fingerprint
from feedback.text.language import LanguageGate, set_by_a_person
from feedback.text.lexicon import Lexicon, find_phrases
from feedback.text.presets import SEEDED_RULES, SEEDED_THEMES
from feedback.text.scan import Scanner
from feedback.text.sentiment import UNSCORED, SentimentModel, sentiment_model
from feedback.text.themes import ThemeHit, ThemeMatcher, ThemeRule
from feedback.text.tokens import THEME, Token

__all__ = [
    "SEEDED_RULES",
    "SEEDED_THEMES",
    "Clause",
    "CommentReader",
    "CommentReading",
    "MentionFound",
    "ThemeRule",
]

MAX_CHARACTERS = 50_000  # some 40 ms; no survey answer is longer, a paste of a file may be


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


_NON_ANSWER = re.compile(
    r"(?:\W|_)*(?:(?:n\W?a|none|no|nope|nothing|nil|null|not applicable|not sure|no comments?"
    r"|no idea|no answer|no suggestions?|no feedback|no opinion|nothing (?:really|much|else|"
    r"comes to mind|to (?:add|say|report|improve|change))|no,? (?:nothing|thanks?|thank you)"
    r"|(?:i )?don'?t know|dunno|idk|see above|same(?: as above)?|as above|test(?:ing)?|asdf+|x+"
    r"|keine?|nichts|nada|rien|aucun|ninguno|niente|geen)(?:\W|_)*){1,2}",
    re.IGNORECASE,
)
_LONGEST_NON_ANSWER = 40
_RUN = re.compile(r"\S+")


class CommentReader:
    """Reads comments with one set of themes and own words; build it once per process.

    `words` (word or phrase -> weight, -4..4) change the lexicon; ValueError for other weights.
    """

    def __init__(
        self,
        *,
        themes: Sequence[ThemeRule] = SEEDED_RULES,
        words: Mapping[str, float] = MappingProxyType({}),
        model: SentimentModel | None = None,
        emotions: EmotionModel | None = None,
    ) -> None:
        self._model = model or sentiment_model()
        self._emotions = emotions or emotion_model()
        self._matcher = ThemeMatcher(themes)
        lexicon = Lexicon(words)
        self._gate = LanguageGate(lexicon.words)
        notes = (
            self._model.note, lexicon.note, self._gate.note, self._emotions.note,
            self._matcher.note,
        )  # fmt: skip
        self._scanner = Scanner(notes, lambda w: w in lexicon.words or self._gate.is_known(w))
        self.version = fingerprint(themes, words)

    def tokens(self, text: str) -> tuple[list[Token], int]:
        """Return the tokens of `text` and their flags or-ed together."""
        return self._scanner.tokens(text)

    def read_many(self, comments: Sequence[tuple[str, str | None]]) -> list[CommentReading]:
        """Read (text, declared language) pairs; a comment that cannot be read is *unscored*."""
        read: dict[tuple[str, str | None], CommentReading] = {}
        readings = []
        for comment in comments:
            reading = read.get(comment)
            if reading is None:
                reading = read[comment] = self._read_safely(*comment)
            readings.append(reading)
        return readings

    def _read_safely(self, text: str, language: str | None) -> CommentReading:
        try:
            return self.read(text, language=language)
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
            # One poison comment must not stop the batch; its reason makes it visible.
            return _unscored("unreadable")

    def read(
        self, text: str, *, language: str | None = None, is_certain: bool = False
    ) -> CommentReading:
        """Read one comment; `language` is what the page or survey declared, None to detect.

        `is_certain`: a person has looked at this very comment and says so.
        """
        if refusal := _refusal(text):
            return _unscored(refusal)
        tokens, flags = self._scanner.tokens(text)
        if language and is_certain:
            told = set_by_a_person(language)
        else:
            told = self._gate.tell(text, tokens, flags, declared=language)
        if told.reason:
            return _unscored(told.reason, told.code, told.confidence)
        comment = find_phrases(tokens, flags)
        judgement = self._model.judge(comment, text)
        parts = judgement.parts
        hits = self._matcher.find(tokens) if flags & THEME else ()
        if hits or len(parts) > 1:
            spans = _spans(text, tokens)
            mentions = tuple([_mention(hit, tokens, spans, parts) for hit in hits])
            clauses = tuple([_clause(part, spans) for part in parts])
        else:
            mentions, clauses = (), (_only_clause(text, parts[0]),)
        return CommentReading(
            told.code,
            told.confidence,
            judgement.sentiment,
            "",
            judgement.compound,
            judgement.confidence,
            self._emotions.find(comment.words, flags),
            mentions,
            clauses,
        )


def _only_clause(text: str, part: Part) -> Clause:
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    return Clause(start, end, part.sentiment, part.compound)


def _clause(part: Part, spans: Sequence[tuple[int, int]]) -> Clause:
    return Clause(spans[part.start][0], spans[part.end - 1][1], part.sentiment, part.compound)


def _mention(
    hit: ThemeHit,
    tokens: Sequence[Token],
    spans: Sequence[tuple[int, int]],
    parts: Sequence[Part],
) -> MentionFound:
    for part in parts:
        if hit.first < part.end:
            break
    last = tokens[hit.last]
    start = spans[hit.first][0] + tokens[hit.first].lead
    end = spans[hit.last][0] + last.lead + last.size
    return MentionFound(hit.theme, start, end, part.sentiment, part.compound)


def _spans(text: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return start and end of each token in `text`."""
    spans = [match.span() for match in _RUN.finditer(text)]
    if len(spans) == len(tokens):
        return spans
    spans.clear()
    end = 0
    for token in tokens:
        start = text.find(token.raw, end)
        end = start + len(token.raw)
        spans.append((start, end))
    return spans


def _refusal(text: str) -> str:
    """Return why `text` is not read at all, "" when it is."""
    if len(text) > MAX_CHARACTERS:
        return "too_long"
    if len(text) <= _LONGEST_NON_ANSWER:
        if not text or text.isspace():
            return "empty"
        if _NON_ANSWER.fullmatch(text):
            return "non_answer"
    elif text.isspace():
        return "empty"
    return ""


def _unscored(reason: str, language: str = "", confidence: float = 0.0) -> CommentReading:
    return CommentReading(language, confidence, UNSCORED, reason, None, None, (), (), ())
