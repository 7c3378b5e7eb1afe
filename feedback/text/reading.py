"""Reading a comment: what a person's words say, without a database.

`CommentReader` is built once per process; `read` is a pure function of text, declared language and
`version`, so a reading can be repeated at any time.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from operator import add
from types import MappingProxyType
from typing import NamedTuple, cast

from feedback.text.clauses import Part
from feedback.text.emotions import EmotionModel, emotion_model
from feedback.text.fingerprint import fingerprint
from feedback.text.language import Language, LanguageGate, set_by_a_person
from feedback.text.lexicon import Lexicon, find_phrases
from feedback.text.presets import SEEDED_RULES, SEEDED_THEMES
from feedback.text.scan import Scanner
from feedback.text.sentiment import UNSCORED, Judgement, SentimentModel, sentiment_model
from feedback.text.themes import ThemeHit, ThemeMatcher, ThemeRule
from feedback.text.tokens import Comment

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


_NON_ANSWER = re.compile(
    r"(?:\W|_)*(?:(?:n\W?a|none|no|nope|nothing|nil|null|not applicable|not sure|no comments?"
    r"|no idea|no answer|no suggestions?|no feedback|no opinion|nothing (?:really|much|else|"
    r"comes to mind|to (?:add|say|report|improve|change))|no,? (?:nothing|thanks?|thank you)"
    r"|(?:i )?don'?t know|dunno|idk|see above|same(?: as above)?|as above|test(?:ing)?|asdf+|x+"
    r"|keine?|nichts|nada|rien|aucun|ninguno|niente|geen)(?:\W|_)*){1,2}",
    re.IGNORECASE,
)
_MERE_SIGNS = re.compile(r"[-–—.,;:?!/\\|*_'\"~•·\s]+")
_LONGEST_NON_ANSWER = 40
_GROUP = 16  # comments read step by step together: what they need stays in the processor's cache
_UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError, RecursionError)


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

    def comment(self, text: str) -> Comment:
        """Return the tokens of `text`, which must not be blank."""
        return self._scanner.comment(text)

    def read_many(self, comments: Sequence[tuple[str, str | None]]) -> list[CommentReading]:
        """Read (text, declared language) pairs; a comment that cannot be read is *unscored*."""
        with _without_collector():
            return self._read_many(comments)

    def _read_many(self, comments: Sequence[tuple[str, str | None]]) -> list[CommentReading]:
        distinct = list(dict.fromkeys(comments))
        readings: list[CommentReading] = []
        for start in range(0, len(distinct), _GROUP):
            group = distinct[start : start + _GROUP]
            try:
                readings += self._read_all(group)
            except _UNREADABLE:
                readings += [self._read_safely(*comment) for comment in group]
        if len(distinct) == len(comments):
            return readings
        read = dict(zip(distinct, readings, strict=True))
        return [read[comment] for comment in comments]

    def _read_safely(self, text: str, language: str | None) -> CommentReading:
        try:
            return self.read(text, language=language)
        except _UNREADABLE:
            # One poison comment must not stop the batch; its reason makes it visible.
            return _unscored("unreadable")

    def read(
        self, text: str, *, language: str | None = None, is_certain: bool = False
    ) -> CommentReading:
        """Read one comment; `language` is what the page or survey declared, None to detect.

        `is_certain`: a person has looked at this very comment and says so.
        """
        return self._read_all([(text, language)], is_certain=is_certain)[0]

    def _read_all(
        self, comments: Sequence[tuple[str, str | None]], *, is_certain: bool = False
    ) -> list[CommentReading]:
        """Read comments step by step, each step over all: a third faster than one by one."""
        readings: list[CommentReading | None] = [None] * len(comments)
        opened: list[tuple[int, str, Comment, Language]] = []
        for i, (text, declared) in enumerate(comments):
            if refusal := _refusal(text):
                readings[i] = _unscored(refusal)
                continue
            comment = self._scanner.comment(text)
            told = self._told(text, comment, declared, is_certain=is_certain)
            if told.reason:
                readings[i] = _unscored(told.reason, told.code, told.confidence)
            else:
                opened.append((i, text, comment, told))
        phrased = [find_phrases(one[2]) for one in opened]
        judged = [self._model.judge(one, opened[k][1]) for k, one in enumerate(phrased)]
        emotions = [self._emotions.find(one.comment) for one in phrased]
        hits = [self._matcher.find(one[2]) for one in opened]
        for one, judgement, felt, found in zip(opened, judged, emotions, hits, strict=True):
            i, text, comment, told = one
            readings[i] = _reading(text, comment, told, judgement, felt, found)
        return cast(list[CommentReading], readings)

    def _told(
        self, text: str, comment: Comment, declared: str | None, *, is_certain: bool
    ) -> Language:
        if declared and is_certain:
            return set_by_a_person(declared)
        return self._gate.tell(text, comment, declared=declared)


def _reading(
    text: str,
    comment: Comment,
    told: Language,
    judgement: Judgement,
    emotions: tuple[str, ...],
    hits: Sequence[ThemeHit],
) -> CommentReading:
    parts = judgement.parts
    mentions: tuple[MentionFound, ...] = ()
    if not hits and len(parts) == 1:
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        clauses: tuple[Clause, ...] = (Clause(start, end, parts[0].sentiment, parts[0].compound),)
    else:
        starts, raws = _starts(text, comment.raws), comment.raws
        found = []
        for part in parts:
            end = starts[part.end - 1] + len(raws[part.end - 1])
            found.append(Clause(starts[part.start], end, part.sentiment, part.compound))
        clauses = tuple(found)
        mentions = tuple([_mention(hit, comment, starts, parts) for hit in hits])
    return CommentReading(
        told.code,
        told.confidence,
        judgement.sentiment,
        "",
        judgement.compound,
        judgement.confidence,
        emotions,
        mentions,
        clauses,
    )


def _mention(
    hit: ThemeHit, comment: Comment, starts: Sequence[int], parts: Sequence[Part]
) -> MentionFound:
    first, last = hit.first, hit.last
    for part in parts:
        if first < part.end:
            break
    end = starts[last] + comment.tokens[last].lead + comment.tokens[last].size
    start = starts[first] + comment.tokens[first].lead
    return MentionFound(hit.theme, start, end, part.sentiment, part.compound)


def _starts(text: str, raws: Sequence[str]) -> list[int]:
    """Return where each token begins in `text`."""
    if " ".join(raws) == text:
        return list(map(add, accumulate(map(len, raws), initial=0), range(len(raws))))
    starts = []
    end = 0
    for raw in raws:
        start = text.find(raw, end)
        starts.append(start)
        end = start + len(raw)
    return starts


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cycle collector from walking through the readings of a batch: they hold no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _refusal(text: str) -> str:
    """Return why `text` is not read at all, "" when it is."""
    if len(text) > MAX_CHARACTERS:
        return "too_long"
    if len(text) <= _LONGEST_NON_ANSWER:
        if not text or text.isspace():
            return "empty"
        if _NON_ANSWER.fullmatch(text) or _MERE_SIGNS.fullmatch(text):
            return "non_answer"
    elif text.isspace():
        return "empty"
    return ""


def _unscored(reason: str, language: str = "", confidence: float = 0.0) -> CommentReading:
    return CommentReading(language, confidence, UNSCORED, reason, None, None, (), (), ())
