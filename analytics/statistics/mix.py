"""Did the score move inside the groups, or did the groups change size?

Symmetric decomposition: with bars for the average of both periods and R the
mean of both totals,
    total = sum (w1 - w0)(s - R) [mix] + sum w (s1 - s0) [within]
which adds exactly. A new or vanished group has only mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class SegmentPeriods:
    """One segment's answers and score before (`n0`, `s0`) and after (`n1`, `s1`).

    A score is None when the segment had no answers then.
    """

    segment: str
    n0: float
    s0: float | None
    n1: float
    s1: float | None


class Effect(NamedTuple):
    """What one segment adds to the change, in the unit of the score."""

    segment: str
    mix: float
    within: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """`total` = `mix` + `within`, exactly; `rows` in the order given."""

    before: float
    after: float
    mix: float
    within: float
    rows: tuple[Effect, ...]

    @property
    def total(self) -> float:
        return self.after - self.before


def decompose(segments: Sequence[SegmentPeriods]) -> Decomposition | None:
    """Split a change of the total into mix and within; None if a period has no answers."""
    n0, n1 = sum(s.n0 for s in segments), sum(s.n1 for s in segments)
    if not n0 or not n1:
        return None
    before = sum(s.n0 * (s.s0 or 0.0) for s in segments) / n0
    after = sum(s.n1 * (s.s1 or 0.0) for s in segments) / n1
    rows = tuple(
        Effect(s.segment, *effects(s.n0 / n0, s.s0, s.n1 / n1, s.s1, middle=(before + after) / 2))
        for s in segments
    )
    mix, within = sum(row.mix for row in rows), sum(row.within for row in rows)
    return Decomposition(before, after, mix, within, rows)


def effects(
    w0: float, s0: float | None, w1: float, s1: float | None, *, middle: float
) -> tuple[float, float]:
    """Return (weight effect, score effect) of one part of a weighted mean.

    `middle` is the mean of both totals. A part without weight or score in one
    period has no score effect: it only came or went.
    """
    present = [s for w, s in ((w0, s0), (w1, s1)) if s is not None and w]
    if not present:
        return 0.0, 0.0
    score = sum(present) / len(present)
    moved = present[1] - present[0] if len(present) == 2 else 0.0
    return (w1 - w0) * (score - middle), (w0 + w1) / 2 * moved


def oaxaca_row(
    *, share_a: float, share_b: float, rate_a: float, rate_b: float
) -> tuple[float, float]:
    """Return (mix, within) of A minus B in the two-part form.

    Only to reproduce published tables: it loads the interaction on one side,
    so pages use `decompose`.
    """
    return (share_a - share_b) * rate_b, share_a * (rate_a - rate_b)
