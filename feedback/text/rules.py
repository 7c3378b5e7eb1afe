"""What defines a theme."""

from __future__ import annotations

from dataclasses import dataclass


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
