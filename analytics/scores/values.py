"""From a survey kind to the statistics: which method, which bands, which values.

Every call of a formula for a survey's answers goes through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from analytics.statistics.change import Change
from analytics.statistics.guards import Audience
from analytics.statistics.histograms import Histogram, moments
from analytics.statistics.result import Result
from analytics.statistics.score import score_change, score_histogram
from analytics.statistics.trends import Week
from surveys.models import Survey
from surveys.scales import Scale, scale_of


def _rules(scale: Scale) -> dict[str, Any]:
    return {
        "method": scale.method,
        "bands": {band.slug: band.scores for band in scale.bands},
        "top": scale.top,
        "scale": (scale.low, scale.high),
    }


def score(survey: Survey, counts: Histogram, *, audience: Audience | None = "overall") -> Result:
    """Return the guarded score (None: the bare one) in the unit of the survey's kind."""
    found = _kept(survey.kind, tuple(sorted(counts.items())), audience)
    return replace(found, parts=dict(found.parts))


@lru_cache(maxsize=4096)
def _kept(kind: str, counts: tuple[tuple[int, int], ...], audience: Audience | None) -> Result:
    """Score equal counts once: of a trend only the newest week moves from visit to visit."""
    return score_histogram(dict(counts), **_rules(scale_of(kind)), audience=audience)


def score_shift(survey: Survey, before: Histogram, after: Histogram) -> Change:
    return score_change(before, after, **_rules(survey.scale))


def score_span(survey: Survey) -> float:
    """Return how far the score can move at most, in its own unit."""
    scale = survey.scale
    return {"nps": 200.0, "share": 1.0, "mean": float(scale.high - scale.low)}[scale.method]


def unit_values(survey: Survey, counts: Histogram) -> dict[int, int]:
    """Return the histogram of what each answer adds to the mean that is the score.

    NPS: +100, 0 or -100; a share: 1 or 0; a mean: the score itself.
    """
    scale = survey.scale
    found: dict[int, int] = {}
    for value, n in counts.items():
        if scale.holds(value):
            worth = _worth(scale, value)
            found[worth] = found.get(worth, 0) + n
    return found


def _worth(scale: Scale, value: int) -> int:
    if scale.method == "mean":
        return value
    if scale.method == "share":
        return int(value in scale.top)
    return 100 * ((value in scale.bands[0].scores) - (value in scale.bands[-1].scores))


def weekly_values(survey: Survey, counts: Mapping[int, int]) -> Week:
    """Return a week as the alarm charts want it."""
    found = moments(unit_values(survey, counts))
    return Week(found.mean or 0.0, found.variance or 0.0, found.n)
