"""The comment reader in force: themes in use and applied own words, built once per process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection

from feedback.models import OwnWord, Theme
from feedback.text.rules import ThemeRule

if TYPE_CHECKING:
    from feedback.text.reading import CommentReader

_Row = tuple[int, str, str, str, str, str]  # id, short name, four lists as JSON
_Rows = tuple[_Row, ...]


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


def _rules() -> _Rows:
    """Return the themes in use, their lists as the text they are stored as.

    Past the ORM, because each batch asks: taking forty themes' JSON apart to
    find that nothing has changed cost as much as reading 15 comments.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, slug, words, stems, phrases, exclusions FROM feedback_theme "
            "WHERE is_active ORDER BY slug"
        )
        return tuple(cursor.fetchall())


@lru_cache(maxsize=4)
def _built(rows: _Rows, words: tuple[tuple[str, float], ...]) -> Reader:
    # Numpy comes with it: a process that never reads a comment does without.
    from feedback.text.reading import CommentReader

    themes = [
        ThemeRule(slug, *(tuple(json.loads(text)) for text in lists)) for _, slug, *lists in rows
    ]
    reader = CommentReader(themes=themes, words=dict(words))
    return Reader(reader, {slug: pk for pk, slug, *_ in rows})
