"""Words of a comment, each looked up once per process.

A worker meets the same few thousand words again and again, so everything that is known of a word
alone (valence, weights, themes it may belong to) is written on its `Token` when it is first met.
Reading a comment then begins with one dictionary look-up a word.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any, TypeVar
from zlib import crc32

Known = TypeVar("Known")
MAX_TOKENS_KEPT = 60_000
MAX_LENGTH_KEPT = 40  # longer "words" are read but not remembered
MAX_WORD = 60  # a longer run of letters is no word
MAX_RUN = 600  # a longer run of non-spaces is not looked into

# What is true of a token. The flags of a comment are those of its tokens or-ed together, so that a
# rare rule costs nothing where it cannot apply.
PARTS = 1  # holds several words, such as "slow/buggy" or "good.But"
UPPER = 2
HIT = 4  # has a valence
NEGATES = 8
BUT = 16  # the word "but", for VADER's rule
CONTRAST = 32  # begins a clause that turns: but, however, although ...
STOP = 64  # ends a sentence
PAUSE = 128  # ends in a comma or the like
RARE_IDIOM = 256  # the rarest word of one of VADER's idioms
OPENS_PHRASE = 512
FOREIGN_SCRIPT = 1024
LEAST = 4096
NO = 8192
COPULA = 262144  # is, was, seems: what follows is said of what stands before
MODIFIES = 524288  # raises, lowers or negates the valence of words after it, having none
SO = 131072  # so or this: may turn a negation into praise
LINK = 16384  # a web or e-mail address, or an @name
FIXED = 65536  # a phrase whose words say the opposite of the whole
JOINS = 32768  # and, while, plus: may begin a clause with a sentiment of its own
THEME = 2048  # hits a theme
NEAR_THEME = 1048576  # hits a theme with certain words beside it

_PUNCTUATION = string.punctuation
SIGNS = string.punctuation + "“”„«»…–—•·¿¡"  # what may stand around a word
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_STRETCHED = re.compile(r"(.)\1{2,}")
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SIGN = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff]")
NOT_LATIN = re.compile(r"[^\W\d_\u0041-\u024f\u1e00-\u1eff\ua720-\ua7ff]")
_LINK = re.compile(r"@\w|https?:|www\.|\S+@\S+\.|\w+\.(?:com|org|net|co|io)\b", re.IGNORECASE)
_STOPS = ".!?;…。！？"
_PAUSES = ",:)-–—"
_CLOSERS = "\"')]}»”’*"

_NO_PHRASES: Mapping[str, Any] = {}


class Token:
    """One written word and what is known of it; `word` is its plain form, "" for a mere sign."""

    __slots__ = (
        "after", "base", "before", "booster", "emotions", "english", "flags", "in_lexicon", "lead",
        "length", "lower", "mark", "parts", "phrases", "raw", "seconds", "size", "text", "themes",
        "valence", "weight", "word",
    )  # fmt: skip

    def __init__(self, text: str, *, raw: str = "", word: str = "", flags: int = 0) -> None:
        self.raw = raw  # as written; the word itself is `size` characters from `lead`
        self.lead = 0
        self.size = self.length = len(raw)
        self.text = text
        self.lower = text.lower()
        self.word = word
        self.flags = flags
        self.parts: tuple[str, ...] = ()
        self.valence = 0.0
        self.in_lexicon = False
        self.booster = 0.0
        self.english = 0
        # What sentiment model, lexicon (a trie of phrases), emotions (a row) and themes know.
        self.weight = 0.0
        self.phrases: Mapping[str, Any] = _NO_PHRASES
        self.emotions = 0
        self.themes: Any = None
        # The form shared by inflections and its mark; the marks of words that may make a phrase of
        # the lexicon with this one before them, and of themes, after and before this one.
        self.base = ""
        self.mark = self.seconds = self.before = self.after = 0

    def __repr__(self) -> str:
        return f"Token({self.text!r})"


def stripped(raw: str) -> str:
    """Strip punctuation as VADER does: not where only a sign of one or two characters remains."""
    core = raw.strip(_PUNCTUATION)
    return raw if len(core) <= 2 else core


def plain_word(raw: str) -> str:
    """Return `raw` in lower case, with straight apostrophes and without signs around it."""
    return raw.translate(_APOSTROPHES).lower().strip(SIGNS)


def unstretched(word: str, is_known: Callable[[str], bool]) -> str:
    """Return the known word behind a stretched one ("sooo"), else at most two letters a run."""
    if is_known(word) or not _STRETCHED.search(word):
        return word
    double, single = _STRETCHED.sub(r"\1\1", word), _STRETCHED.sub(r"\1", word)
    return single if is_known(single) and not is_known(double) else double


def parts_of(raw: str) -> tuple[str, ...]:
    """Return the words and emoji within one run of non-spaces, () when it is a single one."""
    if len(raw) > MAX_RUN or (raw.isalpha() and raw.isascii()) or _LINK.search(raw):
        return ()
    pieces = [(m.start(), m.end()) for m in _PART.finditer(raw)]
    signs = [] if raw.isascii() else [(m.start(), m.end()) for m in _SIGN.finditer(raw)]
    if len(pieces) + len(signs) < 2:
        return ()
    if not signs and all(end - start < 2 for start, end in pieces):
        return ()  # n/a, 5.5, i.e., w/e
    edges = [*sorted({start for start, _ in pieces + signs}), len(raw)]
    # Signs stay with the word before them: a full stop must still end its sentence.
    return tuple(raw[start:end] for start, end in pairwise(edges))


def shape_flags(raw: str) -> int:
    """Return the flags that follow from how a word is written."""
    flags = 0
    bare = raw.rstrip(_CLOSERS)
    if bare[-1:] in _STOPS and bare:
        flags |= STOP
    elif raw[-1] in _PAUSES:
        flags |= PAUSE
    if not raw.isascii() and NOT_LATIN.search(raw):
        flags |= FOREIGN_SCRIPT
    if len(raw) > MAX_RUN or _LINK.search(raw):
        flags |= LINK
    return flags


def mark_of(base: str) -> int:
    """Return one of 64 bits for a word's base form.

    Words of one mark may differ, yet of two that stand side by side few have marks that fit: as
    columns they tell at once where a phrase may be.
    """
    return 1 << crc32(base.encode("utf-8", "surrogatepass")) % 64


def marks_of(bases: Iterable[str]) -> int:
    """Return the marks of several words."""
    return reduce(or_, map(mark_of, bases), 0)


class Book(dict[str, Known]):
    """What is known of every word met so far, made when first met; forgets all when full."""

    def __init__(self, make: Callable[[str], Known]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: str) -> Known:
        known = self._make(raw)
        if len(raw) <= MAX_LENGTH_KEPT:
            if len(self) >= MAX_TOKENS_KEPT:
                self.clear()
            self[raw] = known
        return known
