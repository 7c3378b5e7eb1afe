"""Finding themes in a comment by words, stems and phrases that a person can read and change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class ThemeRule:
    """What an admin defines for one theme.

    `words` match all their forms (*crash*: crashes, crashed, crashing), `stems` match every word that
    begins so, `phrases` match words in a row (each in any form), and a hit that lies inside one of the
    `exclusions` (words or phrases) does not count.
    """

    slug: str
    words: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThemeHit:
    """A theme found at words `first` to `last` (indices, both included)."""

    theme: str
    first: int
    last: int


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case, with straight apostrophes."""
    return [match.group().lower().replace("’", "'") for match in WORD.finditer(text)]


_ENDINGS = (
    ("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"),
    ("'s", ""), ("ing", ""), ("ed", ""), ("s", ""),
)  # fmt: skip
_KEEP = frozenset({"this", "is", "was", "has", "its", "as", "us", "bus", "during", "need", "thing"})


def base_form(word: str) -> str:
    """Return a form shared by the inflections of an English word (not always a word itself)."""
    if len(word) <= 3 or word in _KEEP or word.endswith(("ss", "us")):
        return word
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: len(word) - len(ending)] + replacement
            break
    else:
        stem = word
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] in "bdgmnprt":
        stem = stem[:-1]
    return stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem


class ThemeMatcher:
    """All rules of an installation, compiled once."""

    def __init__(self, rules: Sequence[ThemeRule]) -> None:
        self._words: dict[str, set[str]] = {}
        self._stems: list[tuple[str, str]] = []
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._excluded: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for rule in rules:
            self._add(rule)

    def _add(self, rule: ThemeRule) -> None:
        for word in (*rule.words, *rule.phrases):
            self._add_sequence(self._phrases, word, rule.slug)
        for word in rule.exclusions:
            self._add_sequence(self._excluded, word, rule.slug)
        self._stems += [(stem.lower(), rule.slug) for stem in rule.stems if stem]

    @staticmethod
    def _add_sequence(
        table: dict[str, list[tuple[tuple[str, ...], str]]], phrase: str, slug: str
    ) -> None:
        bases = tuple(base_form(word) for word in words_of(phrase))
        if bases:
            table.setdefault(bases[0], []).append((bases, slug))

    def find(self, words: Sequence[str]) -> list[ThemeHit]:
        """Return the hits in the order of the words; one theme may be hit several times."""
        bases = [base_form(word) for word in words]
        excluded = list(self._sequences(self._excluded, bases))
        hits = [*self._sequences(self._phrases, bases), *self._stem_hits(words)]
        kept = {hit for hit in hits if not _is_inside(hit, excluded)}
        return sorted(kept, key=lambda hit: (hit.first, hit.last, hit.theme))

    @staticmethod
    def _sequences(
        table: dict[str, list[tuple[tuple[str, ...], str]]], bases: Sequence[str]
    ) -> Iterator[ThemeHit]:
        for at, base in enumerate(bases):
            for sequence, slug in table.get(base, ()):
                if tuple(bases[at : at + len(sequence)]) == sequence:
                    yield ThemeHit(slug, at, at + len(sequence) - 1)

    def _stem_hits(self, words: Sequence[str]) -> Iterator[ThemeHit]:
        for at, word in enumerate(words):
            for stem, slug in self._stems:
                if word.startswith(stem):
                    yield ThemeHit(slug, at, at)


def _is_inside(hit: ThemeHit, excluded: Iterable[ThemeHit]) -> bool:
    return any(
        hit.theme == other.theme and other.first <= hit.first and hit.last <= other.last
        for other in excluded
    )
