"""Does the health score see churn coming? Judged with snapshots as they stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.statistics.result import Interval, Result
from analytics.statistics.shares import share
from analytics.success.metrics.evaluation import auc, auc_interval
from analytics.success.metrics.health import BANDS, Band, band_of

MIN_EACH = 30
PREDICTIVE_FROM = 0.6
CHANCE = 0.5
Verdict = Literal["too_little_history", "not_predictive_yet", "predictive"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score as it stood some days before, and whether the account had left by then."""

    score: float
    has_churned: bool
    components: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """AUC: the chance that a leaver scored lower than one who stayed; churn rate by band.

    The bands are shown whatever the verdict; an AUC only once there is enough history.
    """

    verdict: Verdict
    churned: int
    kept: int
    auc: float | None = None
    interval: Interval | None = None
    churn_by_band: Mapping[Band, Result] | None = None
    component_auc: Mapping[str, float | None] | None = None


def validate(outcomes: Sequence[Outcome]) -> Validation:
    """Judge the score once thirty accounts have left and thirty have stayed.

    Predictive is one whose AUC is 0.6 or more and whose interval leaves chance out.
    """
    churned = sum(outcome.has_churned for outcome in outcomes)
    kept = len(outcomes) - churned
    bands = {band: _churn(outcomes, band) for band in BANDS}
    found = _auc([(outcome.score, outcome.has_churned) for outcome in outcomes])
    if min(churned, kept) < MIN_EACH or found is None:
        return Validation("too_little_history", churned, kept, churn_by_band=bands)
    interval = auc_interval(found, positives=churned, negatives=kept)
    is_good = found >= PREDICTIVE_FROM and float(interval.low) > CHANCE
    return Validation(
        verdict="predictive" if is_good else "not_predictive_yet",
        churned=churned,
        kept=kept,
        auc=found,
        interval=interval,
        churn_by_band=bands,
        component_auc=_by_component(outcomes),
    )


def _auc(pairs: Sequence[tuple[float, bool]]) -> float | None:
    return auc([int(has_churned) for _, has_churned in pairs], [-score for score, _ in pairs])


def _churn(outcomes: Sequence[Outcome], band: Band) -> Result:
    inside = [outcome for outcome in outcomes if band_of(outcome.score) == band]
    lost = sum(outcome.has_churned for outcome in inside)
    return share(lost, len(inside), convention="churned accounts", reason="no_population")


def _by_component(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    names = sorted({name for outcome in outcomes for name in outcome.components or ()})
    return {
        name: _auc(
            [
                (o.components[name], o.has_churned)
                for o in outcomes
                if o.components and name in o.components
            ]
        )
        for name in names
    }
