"""The typefaces of pictures and PDFs: ours, free, and what they can write.

Inter writes Latin, Greek and Cyrillic, Noto Sans Arabic and Hebrew. For other
scripts (Chinese, Japanese, Korean, Thai, emoji) there is none in the house: a
full one takes some ten megabytes. Letters nobody has are left out, and the
document says where, how many and of which script.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "fonts"
LEFT_OUT = "[…]"


@dataclass(frozen=True, slots=True)
class Family:
    """One typeface in two weights; `files` are paths of TrueType files."""

    name: str
    regular: Path
    bold: Path


LATIN = Family("Inter", _FOLDER / "Inter-Regular.ttf", _FOLDER / "Inter-SemiBold.ttf")
OTHERS = tuple(
    Family(name, _FOLDER / f"NotoSans{name}-Regular.ttf", _FOLDER / f"NotoSans{name}-Bold.ttf")
    for name in ("Arabic", "Hebrew")
)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """Return every code point that one of the typefaces can write."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for family in (LATIN, *OTHERS):
        with TTFont(family.regular, lazy=True) as font:
            found |= set(font.getBestCmap())
    return frozenset(found)


# Direction marks and joiners shape the text and are never drawn; overrides of the direction,
# soft hyphens and variants of a sign are left out.
_KEPT = frozenset((0x200C, 0x200D, 0x200E, 0x200F, 0x061C, *range(0x2066, 0x206A)))
_LEFT_OUT = frozenset((0xAD, 0xFE0F, *range(0x202A, 0x202F)))


def writable(text: str) -> tuple[str, str]:
    """Return the text with […] for each stretch nobody can write, and the letters left out."""
    letters, missing, kept = _letters(), [], []
    for char in text:
        code = ord(char)
        if code in _LEFT_OUT:
            continue
        if code in _KEPT or code in letters or char == "\n":
            kept.append(char)
        elif char.isspace():
            kept.append(" ")
        else:
            missing.append(char)
            kept.append(LEFT_OUT)
    shown = "".join(kept)
    return (_STRETCH.sub(LEFT_OUT, shown) if missing else shown), "".join(missing)


_STRETCH = re.compile(rf"{re.escape(LEFT_OUT)}( ?{re.escape(LEFT_OUT)})+")


def script_of(letter: str) -> str:
    """Return the first word of a letter's Unicode name: CJK, HIRAGANA, HANGUL, THAI; "" for none.

    Marks and pictures have names that tell of no script; they come out as any other word.
    """
    return unicodedata.name(letter, "").partition(" ")[0]
