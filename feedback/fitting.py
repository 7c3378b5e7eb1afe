"""Which saved answers fit what somebody said, best first, each with its reasons. Pure.

The rule, in words: all that an answer says it is for must be so. It must be in
use and in the language of what was said; of its themes at least one must be
named; where it is for certain words, the named theme must be spoken of so
(without themes: the whole must read so); where it is for a certain score, that
must have been given. One for positive words or a good score is never held out
to somebody who is unhappy as a whole. Of those that fit, the one with the most reasons is first: 4
points for each theme (three at most), 2 for the words, 1 for the score, so that
a theme that is named outweighs all that is general.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

MOST = 3
_THEME, _WORDS, _SCORE = 4, 2, 1
_MOST_THEMES = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said. `themes`: short name -> how it is spoken of; "" = nobody knows."""

    language: str
    sentiment: str = ""
    tone: str = ""
    themes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a saved answer is for; empty = whatever."""

    pk: int
    language: str
    themes: frozenset[str]
    sentiment: str
    tone: str
    changed_at: datetime
    is_active: bool = True


class Reason(NamedTuple):
    """One thing that fits. `kind`: theme, words or score; `key`: the theme, "" otherwise."""

    kind: str
    key: str
    how: str


@dataclass(frozen=True, slots=True)
class Fit:
    pk: int
    points: int
    reasons: tuple[Reason, ...]


def fitting(said: Said, candidates: Iterable[Candidate], *, most: int = MOST) -> tuple[Fit, ...]:
    """Return the answers that fit, best first; between equals the more specific, then newer one."""
    found = [(fit, one) for one in candidates if (fit := _fit(said, one)) is not None]
    found.sort(
        key=lambda pair: (
            -pair[0].points,
            len(pair[1].themes),
            -pair[1].changed_at.timestamp(),
            pair[1].pk,
        )
    )
    return tuple(fit for fit, _ in found[:most])


def why_none(said: Said, candidates: Sequence[Candidate]) -> str:
    """Return why nothing fits: nothing_saved, language_unknown, other_language or nothing_fits."""
    in_use = [one for one in candidates if one.is_active]
    if not in_use:
        return "nothing_saved"
    if not said.language:
        return "language_unknown"
    if not any(speaks(one.language, said.language) for one in in_use):
        return "other_language"
    return "nothing_fits"


def speaks(code: str, other: str) -> bool:
    """Tell whether two codes name one language: pt and pt-BR do."""
    return bool(code) and _base(code) == _base(other)


def _base(code: str) -> str:
    return code.replace("_", "-").partition("-")[0].lower()


def _fit(said: Said, one: Candidate) -> Fit | None:
    if not one.is_active or not speaks(one.language, said.language):
        return None
    if one.tone and one.tone != said.tone:
        return None
    if "positive" in (one.sentiment, one.tone) and "negative" in (said.sentiment, said.tone):
        return None
    named = _named(said, one)
    if one.themes and not named:
        return None
    if one.sentiment and not one.themes and one.sentiment != said.sentiment:
        return None
    reasons = [Reason("theme", theme, how) for theme, how in named]
    if one.sentiment and not one.themes:
        reasons.append(Reason("words", "", one.sentiment))
    if one.tone:
        reasons.append(Reason("score", "", one.tone))
    if not reasons:  # for everything: nothing speaks for it
        return None
    points = _THEME * min(len(named), _MOST_THEMES)
    points += _WORDS * bool(one.sentiment) + _SCORE * bool(one.tone)
    return Fit(one.pk, points, tuple(reasons))


def _named(said: Said, one: Candidate) -> list[tuple[str, str]]:
    """Return the themes of an answer that are named as it is meant for, with how."""
    return [
        (theme, how)
        for theme, how in sorted(said.themes.items())
        if theme in one.themes and one.sentiment in ("", how)
    ]
