"""One door for every survey kind: a histogram of scores in, a Result out.

The caller passes what its scale means (bands listed best first, the top
scores, the ends of the scale); nothing here knows a survey.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from analytics.statistics.change import Change
from analytics.statistics.guards import Audience, guarded
from analytics.statistics.histograms import Bands, Histogram, band_counts, count_in, on_scale, total
from analytics.statistics.means import mean, mean_change
from analytics.statistics.nps import Counts, nps, nps_change
from analytics.statistics.result import Result
from analytics.statistics.shares import share, share_change

Method = Literal["nps", "share", "mean"]


def score_histogram(
    histogram: Histogram,
    *,
    method: Method,
    bands: Bands,
    top: Collection[int],
    scale: tuple[int, int],
    level: float = 0.95,
    audience: Audience | None = "overall",
) -> Result:
    """Score one histogram: NPS in points, a top share as fraction, or a mean.

    `bands` maps a name to its scores, best band first: NPS subtracts the last
    band from the first. `top` are the scores that count for a share. Scores
    off the scale are left out. `audience` picks the sample guard; None gives
    the bare figure, for formulas and snapshots. `parts["bands"]` counts the
    bands whatever the method.
    """
    counted = on_scale(histogram, scale)
    result = _score(counted, method=method, bands=bands, top=top, scale=scale, level=level)
    shown = guarded(result, audience=audience) if audience else result
    shown.parts["bands"] = band_counts(counted, bands)
    return shown


def _score(
    histogram: Histogram,
    *,
    method: Method,
    bands: Bands,
    top: Collection[int],
    scale: tuple[int, int],
    level: float,
) -> Result:
    if method == "nps":
        return nps(*nps_counts(histogram, bands), level=level)
    if method == "share":
        return share(
            count_in(histogram, top),
            total(histogram),
            level=level,
            convention="share of the top scores",
        )
    return mean(histogram, scale=scale, level=level)


def nps_counts(histogram: Histogram, bands: Bands) -> Counts:
    """Return promoters, passives, detractors: first band, the middle, last band."""
    counts = list(band_counts(histogram, bands).values())
    return counts[0], sum(counts[1:-1]), counts[-1]


def score_change(
    before: Histogram,
    after: Histogram,
    *,
    method: Method,
    bands: Bands,
    top: Collection[int],
    scale: tuple[int, int],
    level: float = 0.95,
) -> Change:
    """Compare two histograms of the same scale with the test that fits its method."""
    old, new = on_scale(before, scale), on_scale(after, scale)
    if method == "nps":
        return nps_change(nps_counts(old, bands), nps_counts(new, bands), level=level)
    if method == "share":
        return share_change(
            (count_in(old, top), total(old)), (count_in(new, top), total(new)), level=level
        )
    return mean_change(old, new, level=level)
