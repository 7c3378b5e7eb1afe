"""Reading a comment: what a person's words say, without a database.

`CommentReader` is built once per process; `read` is a pure function of text, declared language and
`version`, so a reading can be repeated at any time.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice, pairwise
from types import MappingProxyType

import numpy as np

from feedback.text.clauses import Parts, parts_of
from feedback.text.comments import Comments, Vocabulary
from feedback.text.emotions import EmotionModel, emotion_model
from feedback.text.findings import Clause, CommentReading, MentionFound, unscored
from feedback.text.fingerprint import fingerprint
from feedback.text.language import Language, LanguageGate, set_by_a_person
from feedback.text.lexicon import lexicon_with
from feedback.text.phrases import find_phrases
from feedback.text.presets import SEEDED_RULES, SEEDED_THEMES
from feedback.text.rules import ThemeRule
from feedback.text.scan import TokenMaker
from feedback.text.sentiment import Judged, SentimentModel, sentiment_model
from feedback.text.themes import ThemeHit, ThemeMatcher
from feedback.text.valences import valences_of

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
# Comments read together: their columns take some 100 bytes a character.
_GROUP, _GROUP_CHARACTERS = 512, 250_000
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
        lexicon = lexicon_with(tuple(words.items()))
        self._gate = LanguageGate(lexicon.words)
        notes = (
            self._model.note, lexicon.note, self._gate.note, self._emotions.note,
            self._matcher.note,
        )  # fmt: skip
        maker = TokenMaker(notes, lambda w: w in lexicon.words or self._gate.is_known(w))
        self._vocabulary = Vocabulary(maker.token)
        self.version = fingerprint(themes, words)

    def scan(self, texts: Sequence[str]) -> Comments:
        """Return the tokens of `texts`, of which none may be blank."""
        return self._vocabulary.comments(texts)

    def read_many(self, comments: Sequence[tuple[str, str | None]]) -> list[CommentReading]:
        """Read (text, declared language) pairs; a comment that cannot be read is *unscored*."""
        with _without_collector():
            return self._read_many(comments)

    def _read_many(self, comments: Sequence[tuple[str, str | None]]) -> list[CommentReading]:
        distinct = list(dict.fromkeys(comments))
        readings: list[CommentReading] = []
        for group in _groups(distinct):
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
            return unscored("unreadable")

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
        """Read comments step by step, each step over all of them."""
        readings: list[CommentReading] = [unscored(_refusal(text)) for text, _ in comments]
        opened = [k for k, reading in enumerate(readings) if not reading.reason]
        if not opened:
            return readings
        texts, declared = zip(*[comments[k] for k in opened], strict=True)
        scanned = self.scan(texts)
        told = self._gate.tell(scanned, declared)
        if is_certain:
            told = [set_by_a_person(code) if code else told[k] for k, code in enumerate(declared)]
        for k, reading in zip(opened, self._read(scanned, told), strict=True):
            readings[k] = reading
        return readings

    def _read(self, comments: Comments, told: Sequence[Language]) -> Iterator[CommentReading]:
        """Yield the reading of each comment in a language it was told to have."""
        phrased = find_phrases(comments)
        parts = parts_of(phrased, valences_of(phrased))
        judged = self._model.judge(parts, comments.texts)
        clauses = _clauses(comments, parts, judged.parts)
        mentions = _mentions(comments, parts, judged.parts, self._matcher.find(comments))
        columns = (told, *judged.wholes, judged.confidences, self._emotions.find(phrased))
        for language, sentiment, compound, confidence, emotions, ours, its in zip(
            *columns, mentions, clauses, strict=True
        ):
            code, sure, reason = language
            if reason:
                yield unscored(reason, code, sure)
            else:
                yield CommentReading(
                    code, sure, sentiment, "", compound, confidence, emotions, ours, its
                )


def _clauses(comments: Comments, parts: Parts, judged: Judged) -> Iterator[tuple[Clause, ...]]:
    """Yield the clauses of each comment."""
    starts, lasts = comments.offsets[parts.starts], parts.ends - 1
    starts[parts.bounds[:-1]] = comments.begins
    ends = comments.offsets[lasts] + comments.lengths[lasts]
    clauses = list(map(Clause, starts.tolist(), ends.tolist(), *judged))
    for a, b in pairwise(parts.bounds.tolist()):
        yield tuple(clauses[a:b])


def _mentions(
    comments: Comments, parts: Parts, judged: Judged, hits: Sequence[Sequence[ThemeHit]]
) -> Iterator[tuple[MentionFound, ...]]:
    """Yield the mentions of each comment, with the sentiment of the part where each begins."""
    firsts, lasts, themes = zip(*chain.from_iterable(hits), strict=True) if any(hits) else ((),) * 3
    first, last = np.array(firsts, np.intp), np.array(lasts, np.intp)
    starts = comments.offsets[first] + comments.leads[first]
    ends = comments.offsets[last] + comments.leads[last] + comments.sizes[last]
    at = parts.of_token[first].tolist()
    columns = ([column[part] for part in at] for column in judged)
    mentions = map(MentionFound, themes, starts.tolist(), ends.tolist(), *columns)
    for ours in hits:
        yield tuple(islice(mentions, len(ours)))


def _groups(comments: Sequence[tuple[str, str | None]]) -> Iterator[list[tuple[str, str | None]]]:
    """Yield the comments in groups that are read together."""
    group: list[tuple[str, str | None]] = []
    characters = 0
    for comment in comments:
        size = len(comment[0] or "")
        if group and (len(group) == _GROUP or characters + size > _GROUP_CHARACTERS):
            yield group
            group, characters = [], 0
        group.append(comment)
        characters += size
    yield group


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
