"""The one shape of "it moved", and the correction for asking many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analytics.statistics.result import Reason, Unit


@dataclass(frozen=True, slots=True)
class Change:
    """A difference, after minus before, with what makes it believable.

    `delta` is the plain difference in `unit` (points, or a fraction for
    percentage points, or scale steps for a mean); `low`..`high` is its
    interval at `level`. `adjusted` is the centre of that interval where a
    method shrinks small samples. `delta` is None when one side has no answer;
    `reason` then says so. The words are the caller's.
    """

    delta: float | None
    unit: Unit
    n_before: int
    n_after: int
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    adjusted: float | None = None
    se: float | None = None
    statistic: float | None = None
    level: float = 0.95
    method: str = ""
    reason: Reason = ""

    @property
    def is_real(self) -> bool:
        """Whether chance alone would rarely do this (p under 1 - level)."""
        return self.p_value is not None and self.p_value < round(1 - self.level, 12)

    @property
    def direction(self) -> int:
        """+1, -1, or 0 when there is no clear change."""
        if not self.is_real or not self.delta:
            return 0
        return 1 if self.delta > 0 else -1

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "is_real": self.is_real}


def no_change_known(unit: Unit, *, n_before: int, n_after: int, reason: Reason) -> Change:
    """Return the absence of a comparison, with its reason."""
    return Change(None, unit, n_before, n_after, reason=reason)


@dataclass(frozen=True, slots=True)
class Discoveries:
    """Adjusted p-values and what stays significant, in the order given."""

    adjusted: tuple[float, ...]
    rejected: tuple[bool, ...]


def benjamini_hochberg(p_values: Sequence[float], *, rate: float = 0.05) -> Discoveries:
    """Hold the share of false alarms among many tests at `rate`.

    Benjamini and Hochberg 1995, step-up; use it whenever several segments or
    themes are tested on one page.
    """
    count = len(p_values)
    order = sorted(range(count), key=lambda i: p_values[i])
    adjusted = [1.0] * count
    smallest = 1.0
    for rank in range(count, 0, -1):
        index = order[rank - 1]
        smallest = min(smallest, p_values[index] * count / rank)
        adjusted[index] = smallest
    return Discoveries(tuple(adjusted), tuple(p <= rate for p in adjusted))
