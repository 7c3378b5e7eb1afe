"""The valences of lexicon words and phrases, many comments at once, by VADER's rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from feedback.text.comments import Bools, Floats, Ints
from feedback.text.phrases import Phrased
from feedback.text.tokens import BUT, HIT, LEAST, MODIFIES, NO, RARE_IDIOM, SO, UPPER
from feedback.text.vader import valence_at, weigh_but

_REACH_BACK, _REACH_AHEAD = 3, 2  # of `valence_at`


class Valences(NamedTuple):
    """The valences of the lexicon words (tokens at `positions`); 0 where the rules end in 0."""

    positions: Ints
    values: Floats


def valences_of(phrased: Phrased) -> Valences:
    """Return the valences of the lexicon words of comments."""
    positions = np.flatnonzero(phrased.unit_flags & HIT)
    values = phrased.valences[positions]
    firsts = phrased.comments.firsts
    upper = phrased.unit_flags & UPPER
    is_cap_diff = np.bitwise_or.reduceat(upper, firsts) > np.bitwise_and.reduceat(upper, firsts)
    near = np.flatnonzero(_has_rules(phrased, positions, is_cap_diff))
    values[near] = _by_rules(phrased, positions[near], is_cap_diff)
    for k in np.flatnonzero(phrased.comments.all_flags & BUT).tolist():
        _weigh_but(phrased, k, positions, values)
    return Valences(positions, values)


def _has_rules(phrased: Phrased, at: Ints, is_cap_diff: Bools) -> Bools:
    """Say of the words `at` whether others near them may change their valence."""
    flags, comments = phrased.unit_flags, phrased.comments
    comment = comments.comment_of[at]
    one, two, three = (comments.beside(flags, at, -distance) for distance in (1, 2, 3))
    near = ((one | two | three) & MODIFIES) | (one & SO)
    near |= comments.all_flags[comment] & (NO | LEAST | RARE_IDIOM)
    near |= np.where(is_cap_diff[comment], flags[at] & UPPER, 0)
    return near != 0


def _by_rules(phrased: Phrased, at: Ints, is_cap_diff: Bools) -> list[float]:
    comments = phrased.comments
    comment = comments.comment_of[at]
    lows = np.maximum(comments.bounds[comment], at - _REACH_BACK)
    highs = np.minimum(comments.bounds[comment + 1], at + _REACH_AHEAD + 1)
    given = (at - lows, lows, highs, comments.all_flags[comment], is_cap_diff[comment])
    return [
        valence_at(phrased.units[low:high], i, flags, is_cap_diff=is_cap)
        for i, low, high, flags, is_cap in zip(*(one.tolist() for one in given), strict=True)
    ]


def _weigh_but(phrased: Phrased, k: int, positions: Ints, values: Floats) -> None:
    """Apply the rule of "but" to the values of comment `k`."""
    start, end = phrased.comments.bounds[k : k + 2]
    buts = np.flatnonzero(phrased.unit_flags[start:end] & BUT)
    if len(buts):  # else it is part of a phrase
        hits = slice(*np.searchsorted(positions, (start, end)))
        weighed = values[hits].tolist()
        weigh_but(int(start + buts[0]), positions[hits].tolist(), weighed)
        values[hits] = weighed
