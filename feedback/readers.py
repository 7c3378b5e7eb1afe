"""The comment reader in force: themes in use and applied own words, built once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from feedback.models import OwnWord, Theme
from feedback.text.reading import CommentReader, ThemeRule

_Words = tuple[str, ...]
_Rules = tuple[tuple[int, str, _Words, _Words, _Words, _Words], ...]


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
    words = OwnWord.objects.filter(applied_weight__isnull=False).order_by("text")
    return _built(_rules(), tuple(words.values_list("text", "applied_weight")))


def reader_with(words: Mapping[str, float]) -> Reader:
    """Return a reader as it would be with these own words instead of the applied ones."""
    return _built(_rules(), tuple(sorted(words.items())))


def _rules() -> _Rules:
    rows = Theme.objects.filter(is_active=True).order_by("slug")
    columns = ("pk", "slug", "words", "stems", "phrases", "exclusions")
    return tuple((pk, slug, *map(tuple, lists)) for pk, slug, *lists in rows.values_list(*columns))  # type: ignore[misc]


@lru_cache(maxsize=4)
def _built(rules: _Rules, words: tuple[tuple[str, float], ...]) -> Reader:
    themes = [ThemeRule(slug, *lists) for _, slug, *lists in rules]
    reader = CommentReader(themes=themes, words=dict(words))
    return Reader(reader, {slug: pk for pk, slug, *_ in rules})
