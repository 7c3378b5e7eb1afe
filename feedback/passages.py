"""A comment cut into passages to underline: plain text in, plain text out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a comment. `tone` is a sentiment, or "" for text that is not underlined.

    `themes` names what this passage is about.
    """

    text: str
    tone: str = ""
    themes: tuple[str, ...] = ()


def passages(
    comment: str,
    clauses: Iterable[Sequence[Any]],
    mentions: Iterable[Span] = (),
    *,
    most: int = 0,
) -> list[Passage]:
    """Cut a comment at its clauses [start, end, sentiment]; their texts add up to it again.

    `mentions` are (start, end, theme name). Clauses that overlap or lie
    outside (the comment was changed since) are left plain. `most` shortens the
    whole to about that many characters, with an ellipsis.
    """
    spans = _usable(clauses, len(comment))
    named = list(mentions)
    found: list[Passage] = []
    at = 0
    for start, end, tone in spans:
        found.append(Passage(comment[at:start]))
        themes = dict.fromkeys(name for begin, _, name in named if start <= begin < end)
        found.append(Passage(comment[start:end], tone, tuple(themes)))
        at = end
    found.append(Passage(comment[at:]))
    kept = [passage for passage in found if passage.text]
    return _shortened(kept, most) if most else kept


def _usable(clauses: Iterable[Sequence[Any]], length: int) -> list[Span]:
    spans: list[Span] = []
    for first, last, tone in sorted((int(a), int(b), str(c)) for a, b, c in clauses):
        if first < last <= length and first >= (spans[-1][1] if spans else 0):
            spans.append((first, last, tone))
    return spans


def _shortened(found: Sequence[Passage], most: int) -> list[Passage]:
    kept: list[Passage] = []
    room = most
    for passage in found:
        if len(passage.text) > room:
            cut = passage.text[:room].rsplit(" ", 1)[0] or passage.text[:room]
            return [*kept, Passage(f"{cut.rstrip()}…", passage.tone, passage.themes)]
        kept.append(passage)
        room -= len(passage.text)
    return kept
