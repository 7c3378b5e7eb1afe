"""Finding themes in a comment by words, stems and phrases that a person can read and change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from feedback.text.tokens import Comment, Token

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class ThemeRule:
    """What an admin defines for one theme.

    `words` match all their forms (*crash*: crashes, crashed, crashing), `stems` every word that
    begins so, `phrases` words in a row (each in any form). A hit that lies inside one of the
    `exclusions` (words or phrases) does not count.
    """

    slug: str
    words: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


class ThemeHit(NamedTuple):
    """A theme found at words `first` to `last` (indices, both included)."""

    first: int
    last: int
    theme: str


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a word may be for the rules: a hit by itself, or the longest word of phrases.

    Those are found by the base form of the word before, or else of the one after.
    """

    slugs: tuple[str, ...]
    by_previous: Mapping[str, Sequence[_Phrase]]
    by_next: Mapping[str, Sequence[_Phrase]]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Base forms around the longest word of a phrase, where it is looked for."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    slug: str
    is_exclusion: bool


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case, with straight apostrophes."""
    return [match.group().lower().replace("’", "'") for match in WORD.finditer(text)]


_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"),
    ("zes", "z"), ("'s", ""), ("s'", "s"), ("ing", ""), ("ed", ""), ("s", ""),
)  # fmt: skip
_KEPT = frozenset(
    (
        "this", "always", "perhaps", "sometimes", "during", "need", "thing", "nothing",
        "something", "anything", "everything", "news", "indeed", "speed", "feed", "seed", "bring",
        "string", "evening", "morning", "ceiling", "building", "wedding", "series", "species",
        "yes", "does",
    )
)  # fmt: skip
_IRREGULAR = {
    "broke": "break", "broken": "break", "froze": "freeze", "frozen": "freeze", "paid": "pay",
    "sent": "send", "lost": "lose", "bought": "buy", "sold": "sell", "came": "come", "went": "go",
    "gone": "go", "got": "get", "gotten": "get", "told": "tell", "said": "say", "spoke": "speak",
    "spoken": "speak", "took": "take", "taken": "take", "gave": "give", "given": "give",
    "held": "hold", "hung": "hang", "kept": "keep", "left": "leave", "made": "make", "ran": "run",
    "shut": "shut", "slept": "sleep", "stole": "steal", "stolen": "steal", "ate": "eat",
    "eaten": "eat", "drove": "drive", "driven": "drive", "flew": "fly", "flown": "fly",
    "wrote": "write", "written": "write", "people": "person", "children": "child",
    "women": "woman", "men": "man", "staffs": "staff", "apps": "app", "died": "die",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def base_form(word: str) -> str:
    """Return a form shared by the inflections of an English word (not always a word itself).

    >>> {base_form(word) for word in ("crash", "crashes", "crashed", "crashing")}
    {'crash'}
    """
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or word in _KEPT or word.endswith(("ss", "us", "is")):
        return word
    stem = word
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2 + (ending in ("ing", "ed")):
            stem = word[: len(word) - len(ending)] + replacement
            break
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] in "bdglmnprt":
        stem = stem[:-1]
    return stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem


class ThemeMatcher:
    """All rules of an installation, compiled once."""

    def __init__(self, rules: Sequence[ThemeRule]) -> None:
        self._single: dict[str, list[str]] = {}
        self._not: dict[str, set[str]] = {}
        self._stems: list[tuple[str, str]] = []
        self._phrases: dict[str, list[_Phrase]] = {}
        for rule in rules:
            self._stems += [(stem.lower().rstrip("*"), rule.slug) for stem in rule.stems if stem]
            for entry in (*rule.words, *rule.phrases):
                self._add(entry, rule.slug)
            for entry in rule.exclusions:
                self._add(entry, rule.slug, is_exclusion=True)

    def _add(self, entry: str, slug: str, *, is_exclusion: bool = False) -> None:
        bases = tuple(base_form(word) for word in words_of(entry))
        if len(bases) > 1:
            # The longest word is the rarest: few comments need a closer look.
            at = max(range(len(bases)), key=lambda i: len(bases[i]))
            phrase = _Phrase(bases[:at], bases[at + 1 :], slug, is_exclusion)
            self._phrases.setdefault(bases[at], []).append(phrase)
        elif bases and is_exclusion:
            # Exact word: "charge" may count where "charger", of the same stem, does not.
            self._not.setdefault(words_of(entry)[0], set()).add(slug)
        elif bases:
            self._single.setdefault(bases[0], []).append(slug)

    def note(self, token: Token) -> None:
        """Write on `token` which themes it hits or may begin to hit."""
        if not token.word:
            return
        base = base_form(token.word)
        slugs = {*self._single.get(base, ())}
        slugs |= {slug for stem, slug in self._stems if token.word.startswith(stem)}
        slugs -= self._not.get(token.word, set())
        by_previous: dict[str, list[_Phrase]] = {}
        by_next: dict[str, list[_Phrase]] = {}
        for phrase in self._phrases.get(base, ()):
            if phrase.before:
                by_previous.setdefault(phrase.before[-1], []).append(phrase)
            else:
                by_next.setdefault(phrase.after[0], []).append(phrase)
        if slugs or by_previous or by_next:
            token.themes = _Opened(tuple(sorted(slugs)), by_previous, by_next)

    def find(self, comment: Comment) -> list[ThemeHit]:
        """Return the hits in the order of the words; one theme may be hit several times."""
        hits: list[ThemeHit] = []
        longer: list[ThemeHit] = []
        excluded: list[ThemeHit] = []
        words = comment.words
        last = len(words) - 1
        for i in compress(range(last + 1), comment.themes):
            opened: _Opened = comment.themes[i]
            for slug in opened.slugs:
                hits.append(ThemeHit(i, i, slug))
            near: Sequence[_Phrase] = ()
            if opened.by_previous and i:
                near = opened.by_previous.get(base_form(words[i - 1]), ())
            if opened.by_next and i < last:
                near = [*near, *opened.by_next.get(base_form(words[i + 1]), ())]
            for phrase in near:
                if found := _phrase_at(words, i, phrase):
                    (excluded if phrase.is_exclusion else longer).append(found)
        return _kept(hits, longer, excluded) if longer or excluded else hits


def _phrase_at(words: Sequence[str], i: int, phrase: _Phrase) -> ThemeHit | None:
    """Return the hit of a phrase whose longest word stands at `i`."""
    first, last = i - len(phrase.before), i + len(phrase.after)
    if first < 0 or last >= len(words):
        return None
    around = tuple([base_form(word) for word in (*words[first:i], *words[i + 1 : last + 1])])
    return ThemeHit(first, last, phrase.slug) if around == phrase.before + phrase.after else None


def _kept(
    hits: Sequence[ThemeHit], longer: Sequence[ThemeHit], excluded: Sequence[ThemeHit]
) -> list[ThemeHit]:
    """Leave out hits inside an exclusion, or inside a longer hit of the same theme."""
    kept = [
        hit
        for hit in set(longer)
        if not any(_covers(one, hit) for one in excluded)
        and not any(one != hit and _covers(one, hit) for one in longer)
    ]
    taken = {(one.theme, i) for one in (*excluded, *longer) for i in range(one.first, one.last + 1)}
    kept += [hit for hit in hits if (hit.theme, hit.first) not in taken]
    return sorted(kept)


def _covers(rival: ThemeHit, hit: ThemeHit) -> bool:
    return rival.theme == hit.theme and rival.first <= hit.first and hit.last <= rival.last
