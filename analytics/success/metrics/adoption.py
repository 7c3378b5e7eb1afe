"""Product adoption: repeated use by those who may, not a first try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.spread import median
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import FeatureUser, Id

WINDOW_DAYS = 30
MIN_USES = 3
MIN_DAYS = 2


def days_to_adopt(
    user: FeatureUser,
    *,
    window_days: int = WINDOW_DAYS,
    min_uses: int = MIN_USES,
    min_days: int = MIN_DAYS,
) -> int | None:
    """Return days from access to the use that made it adoption; None if it never was."""
    uses = uses_in_window(user, window_days=window_days)
    for index, day in enumerate(uses, start=1):
        if index >= min_uses and len(set(uses[:index])) >= min_days:
            return (day - (user.eligible_from or day)).days
    return None


def uses_in_window(user: FeatureUser, *, window_days: int = WINDOW_DAYS) -> list[date]:
    """Return the days of use within the window after access, oldest first."""
    start = user.eligible_from
    if start is None:
        return []
    return sorted(
        day for day in user.use_days if start <= day <= start + timedelta(days=window_days)
    )


def adoption_rate(
    users: Iterable[FeatureUser],
    *,
    as_of: date,
    window_days: int = WINDOW_DAYS,
    min_uses: int = MIN_USES,
    min_days: int = MIN_DAYS,
    level: float = 0.95,
) -> Result:
    """Return adopted / eligible, of those whose window has closed by `as_of`.

    Use without entitlement is ignored. `parts`: adopted, the share that tried
    at all, and the median days to adopt.
    """
    entitled = [user for user in users if user.eligible_from is not None]
    window = timedelta(days=window_days)
    mature = [
        u for u in entitled if u.eligible_from is not None and u.eligible_from + window <= as_of
    ]
    waits = [
        days_to_adopt(user, window_days=window_days, min_uses=min_uses, min_days=min_days)
        for user in mature
    ]
    adopted = [wait for wait in waits if wait is not None]
    tried = sum(bool(uses_in_window(user, window_days=window_days)) for user in mature)
    result = share(
        len(adopted),
        len(mature),
        level=level,
        convention=f"{min_uses} uses on {min_days} days within {window_days} days of access",
        reason="immature_cohort" if entitled else "no_population",
    )
    return replace(
        result,
        pending=len(entitled) - len(mature),
        parts={
            "adopted": len(adopted),
            "tried": tried,
            "tried_rate": quotient(tried, len(mature)),
            "median_days_to_adopt": median(adopted),
        },
    )


def adoption_curve(
    users: Iterable[FeatureUser],
    *,
    window_days: int = WINDOW_DAYS,
    min_uses: int = MIN_USES,
    min_days: int = MIN_DAYS,
) -> list[float]:
    """Return the share adopted by each day 0..window since access; pass mature users only."""
    waits = [
        days_to_adopt(user, window_days=window_days, min_uses=min_uses, min_days=min_days)
        for user in users
        if user.eligible_from is not None
    ]
    known = [wait for wait in waits if wait is not None]
    days = range(window_days + 1) if waits else ()
    return [sum(wait <= day for wait in known) / len(waits) for day in days]


def feature_popularity(
    users_by_feature: Mapping[str, frozenset[Id]], active: frozenset[Id], *, level: float = 0.95
) -> dict[str, Result]:
    """Return for each feature the share of active users with at least one use."""
    return {
        feature: share(
            len(users & active),
            len(active),
            level=level,
            convention="active users with at least one use",
            reason="no_population",
        )
        for feature, users in users_by_feature.items()
    }


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a funnel: `reached` people, of whom `continued` went on."""

    name: str
    reached: int
    continued: int

    @property
    def share(self) -> float | None:
        return self.continued / self.reached if self.reached else None


def sticking_points(steps: Sequence[Step]) -> list[Step]:
    """Return the steps where people stop: continuing under the median by over 2 SE."""
    middle = median([step.share for step in steps if step.share is not None])
    if middle is None:
        return []
    return [step for step in steps if _is_stuck(step, middle)]


def _is_stuck(step: Step, middle: float) -> bool:
    if step.share is None:
        return False
    # at a share of 0 or 1 the plug-in error would be 0: one imagined answer each way
    padded = (step.continued + 1) / (step.reached + 2)
    return step.share < middle - 2 * sqrt(padded * (1 - padded) / step.reached)
