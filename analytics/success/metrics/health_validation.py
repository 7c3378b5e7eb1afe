"""Does the health score see churn coming? Judged with snapshots as they stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.evaluation import auc
from analytics.success.metrics.health import BANDS, Band, band_of

MIN_EACH = 30
PREDICTIVE_FROM = 0.6
Verdict = Literal["too_little_history", "not_predictive_yet", "predictive"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score as it stood 90 days before the term ended, and whether the account left."""

    score: float
    has_churned: bool
    components: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """AUC: the chance that a leaver scored lower than one who stayed; churn rate by band."""

    verdict: Verdict
    churned: int
    kept: int
    auc: float | None = None
    churn_by_band: Mapping[Band, Result] | None = None
    component_auc: Mapping[str, float | None] | None = None


def validate(outcomes: Sequence[Outcome]) -> Validation:
    """Judge the score once thirty accounts have left and thirty have stayed."""
    churned = sum(outcome.has_churned for outcome in outcomes)
    kept = len(outcomes) - churned
    if min(churned, kept) < MIN_EACH:
        return Validation("too_little_history", churned, kept)
    found = _auc([(outcome.score, outcome.has_churned) for outcome in outcomes])
    is_good = found is not None and found >= PREDICTIVE_FROM
    return Validation(
        verdict="predictive" if is_good else "not_predictive_yet",
        churned=churned,
        kept=kept,
        auc=found,
        churn_by_band={band: _churn(outcomes, band) for band in BANDS},
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
