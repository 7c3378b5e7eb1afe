"""Finding themes in a comment by words, stems and phrases that a person can read and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from feedback.text.comments import Comments
from feedback.text.forms import base_form, words_of
from feedback.text.rules import ThemeRule
from feedback.text.tokens import NEAR_THEME, THEME, Token, marks_of


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

    def stands_at(self, tokens: Sequence[Token], i: int) -> bool:
        """Say whether the words around the longest, at `i`, are those of the phrase."""
        before, after = tokens[i - len(self.before) : i], tokens[i + 1 : i + 1 + len(self.after)]
        return (
            tuple([token.base for token in before]) == self.before
            and tuple([token.base for token in after]) == self.after
        )


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
        base = token.base
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
        token.before, token.after = marks_of(by_previous), marks_of(by_next)
        token.flags |= (THEME if slugs else 0) | (NEAR_THEME if by_previous or by_next else 0)
        if slugs or by_previous or by_next:
            token.themes = _Opened(tuple(sorted(slugs)), by_previous, by_next)

    def find(self, comments: Comments) -> list[list[ThemeHit]]:
        """Return the hits of each comment in the order of its words, one theme perhaps often."""
        at = np.flatnonzero(comments.flags & (THEME | NEAR_THEME))
        fits = comments.befores[at] & comments.beside(comments.marks, at, -1)
        fits |= comments.afters[at] & comments.beside(comments.marks, at, 1)
        at = at[((comments.flags[at] & THEME) > 0) | (fits > 0)]
        places = at.tolist()
        bounds, ends = np.searchsorted(at, comments.bounds).tolist(), comments.bounds.tolist()
        tokens = comments.tokens
        return [
            _hits(tokens, places[a:b], start, end) if a < b else []
            for (a, b), (start, end) in zip(pairwise(bounds), pairwise(ends), strict=True)
        ]


def _hits(tokens: Sequence[Token], places: Sequence[int], start: int, end: int) -> list[ThemeHit]:
    """Return the hits of the comment from `start` to `end`; its words of themes are at `places`."""
    hits: list[ThemeHit] = []
    longer: list[ThemeHit] = []
    excluded: list[ThemeHit] = []
    for i in places:
        opened: _Opened = tokens[i].themes
        for slug in opened.slugs:
            hits.append(ThemeHit(i, i, slug))
        near: Sequence[_Phrase] = ()
        if opened.by_previous and i > start:
            near = opened.by_previous.get(tokens[i - 1].base, ())
        if opened.by_next and i + 1 < end:
            near = [*near, *opened.by_next.get(tokens[i + 1].base, ())]
        for phrase in near:
            first, last = i - len(phrase.before), i + len(phrase.after)
            if first >= start and last < end and phrase.stands_at(tokens, i):
                found = ThemeHit(first, last, phrase.slug)
                (excluded if phrase.is_exclusion else longer).append(found)
    return _kept(hits, longer, excluded) if longer or excluded else hits


def _kept(
    hits: Sequence[ThemeHit], longer: Sequence[ThemeHit], excluded: Sequence[ThemeHit]
) -> list[ThemeHit]:
    """Leave out hits inside an exclusion, or inside a longer hit of the same theme."""
    spans = {(hit.first, -hit.last, hit.theme, 1) for hit in (*hits, *longer)}
    spans |= {(hit.first, -hit.last, hit.theme, 0) for hit in excluded}
    kept = []
    reached: dict[str, int] = {}  # theme -> last word of the spans so far
    for first, last, theme, counts in sorted(spans):
        if -last > reached.get(theme, -1):
            reached[theme] = -last
            if counts:
                kept.append(ThemeHit(first, -last, theme))
    return sorted(kept)
