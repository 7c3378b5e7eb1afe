"""Text fit for the header of a mail. Pure."""

from __future__ import annotations

import unicodedata

_BIDI_CONTROLS = frozenset(
    map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)


def one_line(text: str, most: int) -> str:
    """Return text fit for a header: one line, no control or direction characters, not too long."""
    kept = (
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if c not in _BIDI_CONTROLS and unicodedata.category(c) != "Cs"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
