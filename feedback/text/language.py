"""Telling the language of a comment, and above all whether it may be read as English.

Sentiment of a language we cannot read would be noise, so a comment passes as English only on
evidence: its own words first (one pass over tokens that know what they are), py3langid (BSD; Lui &
Baldwin 2012) where they do not settle it. A language declared by the survey or an admin weighs in,
most of all for one or two words, which no detector can tell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import Any, NamedTuple

import numpy as np

from feedback.text.comments import Bools, Comments, Ints
from feedback.text.lexicon import read_data
from feedback.text.tokens import FOREIGN_SCRIPT, HIT, NOT_LATIN, Token

ENGLISH = "en"
DETECTED_CHARACTERS = 400  # what py3langid is shown of a long comment
_LETTER = re.compile(r"[^\W\d_]")
_NOISE = re.compile(r"https?:\S+|www\.\S+|\S*@\S+|#|&\w+;|<[^>]*>")

# What a word says about the language, packed into one number a token so that one `sum` counts a
# comment: words, known English words, plainly English ones, foreign ones, 16 bits each.
_WORD, _KNOWN, _PLAIN, _FOREIGN = 1, 1 << 16, 1 << 32, 1 << 48
_MASK = 0xFFFF
_ENGLISH_OR_NONE = (None, "", ENGLISH)
_ENGLISH_ENDING = re.compile(r"(?:ing|ed|ly|ful|less|ness|ish|some|worthy)$")


class Language(NamedTuple):
    """A language (ISO 639-1, "" when it cannot be told), how sure (0..1), why it is not read."""

    code: str
    confidence: float
    reason: str = ""


_PLAINLY_ENGLISH = Language(ENGLISH, 0.99)


def set_by_a_person(code: str) -> Language:
    """Return a language nobody needs to detect; only English is read."""
    return Language(code, 1.0, "" if code == ENGLISH else "language_unsupported")


@dataclass(frozen=True, slots=True)
class _Words:
    """How many words: in all, English (perhaps not only), English only, foreign only."""

    count: int
    known: int
    plain: int
    foreign: int

    @property
    def share_known(self) -> float:
        return self.known / self.count if self.count else 0.0

    def support_english(self, probability: float) -> bool:
        """Say whether the words agree where the detector says English.

        The bounds were set on comments of 73 languages; docs/reading.md has the figures.
        """
        share, margin = self.share_known, self.plain - self.foreign
        if self.foreign == 0 and (share >= 0.7 or probability > 0.3):
            return True
        if margin > 0 and share >= 0.6 and self.foreign * 10 <= self.count:
            return True
        if margin > 0 and share >= 0.6 and self.count < 7:
            return probability > 0.6
        is_likely = probability > 0.6 or share >= 0.75 or self.plain > 2
        return self.plain > 2 * self.foreign and share >= 0.5 and is_likely

    def oppose_english(self, code: str, probability: float) -> bool:
        """Say whether a comment declared English obviously is not."""
        if self.foreign > self.plain:
            return True
        return code != ENGLISH and (probability > 0.8 or self.share_known < 0.4)


@cache
def _detector() -> Any:
    """Load py3langid when the first comment needs it.

    Its tables are 70 MB: mapped from a file without a name, only the parts in use stay in
    memory, and processes forked from this one share them.
    """
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
    from py3langid.modelio import load_model

    odds, prior, codes, moves, rows, outputs = load_model(MODEL_DIR / MODEL_FILE)
    mapped_odds = np.frombuffer(_mapped(odds), odds.dtype).reshape(odds.shape)
    mapped_moves = _mapped(moves).cast(moves.typecode)
    return LanguageIdentifier(
        mapped_odds, prior, codes, mapped_moves, outputs, norm_probs=True, tk_row=rows
    )


def _mapped(table: Any) -> memoryview:
    """Return the bytes of a table from a file that is gone when nobody uses it any more."""
    with TemporaryFile() as file:
        file.write(memoryview(table).cast("B"))
        file.flush()
        return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))


def load_detector() -> None:
    """Load what telling a language needs now, for processes that are forked afterwards."""
    _detector()


@cache
def foreign_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the frequent words of other languages, and those shared by several."""
    foreign: set[str] = set()
    shared: set[str] = set()
    for line in read_data("foreign_words.txt").splitlines():
        if line and not line.startswith("#"):
            code, *words = line.split()
            (shared if code == "int" else foreign).update(words)
    return frozenset(foreign), frozenset(shared)


@cache
def _english_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words only English has, and all English words known."""
    common, known = (
        frozenset(read_data(name).split()) for name in ("common_english.txt", "english_words.txt")
    )
    foreign, shared = foreign_words()
    return common - foreign - shared, common | known


class LanguageGate:
    """Tells the language of comments."""

    def __init__(self, lexicon_words: Collection[str]) -> None:
        self._plain, self._known = _english_words()
        self._foreign, self._shared = foreign_words()
        self._lexicon = lexicon_words

    def note(self, token: Token) -> None:
        """Write on `token` what it says about the language."""
        word = token.word
        if not word or word == "#" or not _LETTER.search(word):
            return
        token.english = _WORD
        if self.is_known(word):
            token.english |= _KNOWN
            if word in self._plain:
                token.english |= _PLAIN
        elif word in self._foreign:
            token.english |= _FOREIGN

    def is_known(self, word: str) -> bool:
        """Say whether `word` is English, be it also a word of another language."""
        bare = word[:-2] if word.endswith("'s") else word
        return (
            bare in self._known
            or bare in self._shared
            or (bare in self._lexicon and bare not in self._foreign)
        )

    def tell(self, comments: Comments, declared: Sequence[str | None]) -> list[Language]:
        """Return the language of each comment, with a `reason` where it must not be read.

        `declared` (ISO 639-1) wins unless the words plainly say otherwise.
        """
        packed = np.add.reduceat(comments.english, comments.firsts)
        counts = [
            (packed >> np.uint64(16 * k) & np.uint64(_MASK)).astype(np.intp) for k in range(4)
        ]
        count, _, plain, foreign = counts
        is_plain = (count > 2) & ((comments.all_flags & FOREIGN_SCRIPT) == 0) & _are_plain(*counts)
        may_be_declared_other = (plain > 4) & (foreign == 0)
        settled = is_plain & (
            may_be_declared_other | [language in _ENGLISH_OR_NONE for language in declared]
        )
        told = [_PLAINLY_ENGLISH] * len(declared)
        for k in np.flatnonzero(~settled).tolist():
            words = _Words(*(int(column[k]) for column in counts))
            told[k] = self._unsettled(comments, k, words, declared[k])
        return told

    def _unsettled(
        self, comments: Comments, k: int, words: _Words, declared: str | None
    ) -> Language:
        text = comments.texts[k]
        if declared not in _ENGLISH_OR_NONE:
            return Language(str(declared), 1.0, "language_unsupported")
        if _share_of_other_scripts(text) > 0.4:
            return _unsupported(*_detected(text))
        if words.count == 0:
            # Smileys are the same in all languages.
            return Language("", 0.0, "" if comments.all_flags[k] & HIT else "no_words")
        if words.count < 3:
            start, end = comments.bounds[k : k + 2]
            written = [token.word for token in comments.tokens[start:end]]
            return self._short(written, words, declared)
        code, probability = _detected(text)
        if code == ENGLISH and words.support_english(probability):
            return Language(ENGLISH, round(max(probability, words.share_known), 3))
        if words.plain > 2 and words.foreign * 10 <= words.count and words.share_known >= 0.7:
            return Language(ENGLISH, round(words.share_known, 3))
        if declared == ENGLISH and not words.oppose_english(code, probability):
            return Language(ENGLISH, 0.6)
        return _unsupported(code, probability)

    def _is_typical(self, word: str, written: Sequence[str]) -> bool:
        """Say whether a word looks English only: by its ending, or in company by being known."""
        if len(word) > 5 and _ENGLISH_ENDING.search(word):
            return True
        is_shared = word in self._shared or word in self._foreign
        return len(written) == 2 and len(word) > 3 and word in self._known and not is_shared

    def _short(self, written: Sequence[str], words: _Words, declared: str | None) -> Language:
        """Judge one or two words: no detector can, but some words are English only."""
        if words.foreign:
            return Language("", 0.0, "language_unknown")
        if declared == ENGLISH:
            return Language(ENGLISH, 0.9 if words.known == words.count else 0.6)
        typical = words.plain or any(self._is_typical(word, written) for word in written)
        if typical and words.known == words.count:
            return Language(ENGLISH, 0.8)
        return Language("", 0.0, "too_short")


def _are_plain(count: Ints, known: Ints, plain: Ints, foreign: Ints) -> Bools:
    """Say whether the words alone settle that three or more of them are English."""
    are_many: Bools = (plain > 3) & (foreign * 5 <= plain) & (known >= 0.65 * count)
    are_known = (known == count) | ((plain > 2) & (known >= 0.8 * count))
    return are_many | ((foreign * 40 <= count) & are_known)


def _detected(text: str) -> tuple[str, float]:
    """Return py3langid's language and probability for the wording of `text`."""
    wording = _NOISE.sub(" ", text[: 2 * DETECTED_CHARACTERS])[:DETECTED_CHARACTERS].strip()
    if not _LETTER.search(wording):
        return "", 0.0
    code, probability = _detector().classify(wording)
    return str(code), round(float(probability), 3)


def _unsupported(code: str, probability: float) -> Language:
    """Return a language that is not read; "" where the detector hardly knows or denies itself."""
    if len(code) != 2 or code == ENGLISH or probability < 0.5:
        return Language("", probability, "language_unknown")
    return Language(code, probability, "language_unsupported")


def _share_of_other_scripts(text: str) -> float:
    """Return the share of letters that are not Latin, in the part the detector would see."""
    letters = _LETTER.findall(text[:DETECTED_CHARACTERS])
    return sum(bool(NOT_LATIN.match(letter)) for letter in letters) / (len(letters) or 1)
