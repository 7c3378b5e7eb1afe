"""Making a token of a written word, with all that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from feedback.text.forms import base_form
from feedback.text.tokens import (
    CONTRAST,
    COPULA,
    FOREIGN_SCRIPT,
    JOINS,
    LINK,
    MAX_WORD,
    PARTS,
    SIGNS,
    Token,
    mark_of,
    parts_of,
    plain_word,
    shape_flags,
    stripped,
    unstretched,
)

_TURNS = frozenset(
    ["but", "however", "although", "though", "yet", "whereas", "except", "unfortunately", "sadly"]
)
_JOINING = frozenset(["and", "while", "plus", "otherwise"])
_COPULAS = frozenset(
    (
        "is", "are", "was", "were", "be", "been", "isn't", "wasn't", "aren't", "weren't", "seems",
        "seemed", "feels", "felt", "looks", "looked", "gets", "got", "remains", "stays", "keeps",
    )
)  # fmt: skip
_INVISIBLE = dict.fromkeys((0xFE0E, 0xFE0F, 0x200D, 0x200B, 0xFEFF, 0x00AD))
Note = Callable[[Token], None]


class TokenMaker:
    """Makes tokens and lets each part of the reading note what it knows of them."""

    def __init__(self, notes: Iterable[Note], is_known: Callable[[str], bool]) -> None:
        self._notes = tuple(notes)
        self._is_known = is_known

    def token(self, raw: str) -> Token:
        """Return the token of a run of non-spaces."""
        parts = parts_of(raw)
        if parts:
            token = Token(raw, raw=raw, flags=PARTS)
            token.parts = parts
            return token
        flags = shape_flags(raw)
        word = "" if flags & LINK or len(raw) > MAX_WORD else plain_word(raw.translate(_INVISIBLE))
        word = unstretched(word, self._is_known)
        if word.isdigit():
            word = "#"
        token = Token(stripped(raw), raw=raw, word=word, flags=flags)
        if word:
            bare = raw.strip(SIGNS)
            token.lead, token.size = raw.find(bare), len(bare)
            token.base = base_form(word)
            token.mark = mark_of(token.base)
        if word and word != "#" and len(token.text) > 2:
            # The lexicon knows straight apostrophes and unstretched words only; capitals stay.
            token.text = word.upper() if token.text.isupper() else word
        token.lower = token.text.lower()
        if word in _TURNS:
            token.flags |= CONTRAST
        elif word in _JOINING:
            token.flags |= JOINS
        elif word in _COPULAS:
            token.flags |= COPULA
        if not flags & FOREIGN_SCRIPT:
            for note in self._notes:
                note(token)
        return token
