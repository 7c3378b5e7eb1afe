"""A comment cut into pieces with the words in question marked. Pure: plain text in and out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from feedback.text.forms import WORD, base_form, words_of

Span = tuple[int, int]
EXCERPT = 240


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool = False


def spans_of(text: str, words: Collection[str]) -> list[Span]:
    """Return where one of the words or phrases stands, whatever its case and spacing."""
    longest_first = sorted(filter(str.strip, words), key=len, reverse=True)
    if not longest_first:
        return []
    patterns = [r"\s+".join(map(re.escape, word.split())) for word in longest_first]
    found = re.finditer(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", text, re.IGNORECASE)
    return [match.span() for match in found]


def spans_of_forms(text: str, phrases: Collection[str]) -> list[Span]:
    """Return where one of the phrases stands in any form: "delay" marks delays and delayed."""
    wanted = {tuple(map(base_form, words_of(phrase))) for phrase in phrases}
    found = [(match.span(), base_form(match.group().lower())) for match in WORD.finditer(text)]
    return [
        (found[at][0][0], found[at + len(bases) - 1][0][1])
        for bases in wanted
        for at in range(len(found) - len(bases) + 1 if bases else 0)
        if tuple(base for _span, base in found[at : at + len(bases)]) == bases
    ]


def pieces(text: str, spans: Iterable[Sequence[int]], *, most: int = EXCERPT) -> list[Piece]:
    """Cut `text` at the spans; about `most` characters around the first of them, with ellipses.

    Spans that overlap are merged, those outside the text are left out.
    """
    merged = _merged(spans, len(text))
    start, end = _window(text, merged, most)
    found = [Piece("… ")] if start else []
    at = start
    for first, last in merged:
        if first >= end:
            break
        found += [Piece(text[at:first]), Piece(text[first : min(last, end)], is_marked=True)]
        at = min(last, end)
    found += [Piece(text[at:end]), Piece(" …" if end < len(text) else "")]
    return [piece for piece in found if piece.text]


def _merged(spans: Iterable[Sequence[int]], length: int) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted((span[0], span[1]) for span in spans):
        if not 0 <= start < end <= length:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, spans: Sequence[Span], most: int) -> Span:
    """Return the part of the text to show, beginning and ending between words."""
    if len(text) <= most:
        return 0, len(text)
    first = spans[0][0] if spans else 0
    start = 0 if first < most // 2 else first - most // 3
    start = text.rfind(" ", 0, start + 1) + 1 if start else 0
    end = min(len(text), start + most)
    if end < len(text):
        space = text.rfind(" ", max(start, spans[0][1] if spans else 0), end)
        end = space if space > start else end
    return start, end


def marked(text: str, words: Collection[str], *, most: int = EXCERPT) -> list[Piece]:
    """Return an excerpt with every one of the words marked, just as they are written."""
    return pieces(text, spans_of(text, words), most=most)


def marked_forms(text: str, phrases: Collection[str], *, most: int = EXCERPT) -> list[Piece]:
    """Return an excerpt with every form of the phrases marked."""
    return pieces(text, spans_of_forms(text, phrases), most=most)
