"""The comment reader in force: themes in use and applied own words, built once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from feedback.models import OwnWord, Theme
from feedback.text.reading import CommentReader, ThemeRule

Rules = tuple[tuple[int, ThemeRule], ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """A comment reader with the database ids of its themes (short name -> id)."""

    reader: CommentReader
    theme_ids: Mapping[str, int]

    @property
    def version(self) -> str:
        return self.reader.version


def rule_of(theme: Theme) -> ThemeRule:
    return ThemeRule(
        theme.slug,
        words=tuple(theme.words),
        stems=tuple(theme.stems),
        phrases=tuple(theme.phrases),
        exclusions=tuple(theme.exclusions),
    )


def current_reader() -> Reader:
    """Return the reader for the themes and words now in force (two small queries a batch)."""
    themes = Theme.objects.filter(is_active=True).order_by("slug")
    words = OwnWord.objects.filter(is_applied=True).order_by("text")
    return _built(
        tuple((theme.pk, rule_of(theme)) for theme in themes),
        tuple(words.values_list("text", "weight")),
    )


def reader_with(words: Mapping[str, float]) -> Reader:
    """Return a reader as it would be with these own words instead of the applied ones."""
    themes = Theme.objects.filter(is_active=True).order_by("slug")
    return _built(
        tuple((theme.pk, rule_of(theme)) for theme in themes), tuple(sorted(words.items()))
    )


@lru_cache(maxsize=4)
def _built(rules: Rules, words: tuple[tuple[str, float], ...]) -> Reader:
    reader = CommentReader(themes=[rule for _, rule in rules], words=dict(words))
    return Reader(reader, {rule.slug: pk for pk, rule in rules})
