"""From raw answers to a histogram: which ones count, once per person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from analytics.statistics.histograms import Histogram, moments


@dataclass(frozen=True, slots=True)
class Counted:
    """Valid scores as a histogram, and what was left out of n."""

    histogram: dict[int, int]
    skipped: int
    invalid: int


def count_scores(scores: Iterable[object], *, scale: tuple[int, int] = (0, 10)) -> Counted:
    """Count whole scores on the scale; None is skipped, anything else invalid."""
    counted: Counter[int] = Counter()
    skipped = invalid = 0
    for score in scores:
        if score is None:
            skipped += 1
        elif _is_on(score, scale):
            counted[int(score)] += 1  # type: ignore[call-overload]
        else:
            invalid += 1
    return Counted(dict(sorted(counted.items())), skipped, invalid)


def _is_on(score: object, scale: tuple[int, int]) -> bool:
    if isinstance(score, bool) or not isinstance(score, int | float):
        return False
    return scale[0] <= score <= scale[1] and score == int(score)


def population_sd(histogram: Histogram) -> float | None:
    """Return the spread of the scores themselves (divided by n); None without answers."""
    found = moments(histogram)
    if found.mean is None:
        return None
    return sqrt((found.variance or 0.0) * (found.n - 1) / found.n)


@dataclass(frozen=True, slots=True)
class DatedAnswer:
    """One person's answer; `score` None is a skipped question."""

    respondent: str | int
    at: datetime
    score: int | None
    is_test: bool = False


def latest_per_person(
    answers: Iterable[DatedAnswer], *, start: datetime, stop: datetime
) -> list[DatedAnswer]:
    """Return each person's last answer in [start, stop), test answers out.

    The rule of relationship surveys; transactional ones count every answer.
    """
    latest: dict[str | int, DatedAnswer] = {}
    for answer in answers:
        if answer.is_test or not start <= answer.at < stop:
            continue
        known = latest.get(answer.respondent)
        if known is None or answer.at >= known.at:
            latest[answer.respondent] = answer
    return list(latest.values())
