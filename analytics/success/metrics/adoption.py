"""Product adoption: repeated use by those who may, not a first try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import sqrt

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.spread import median, median_of
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import FeatureUser

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


@dataclass(frozen=True, slots=True)
class Adopted(Summed):
    """Users with access in numbers, which add up over features and customers.

    `waits` is days to adopt -> users; only `mature` ones, whose window has
    closed, are `tried` or waited.
    """

    entitled: int = 0
    mature: int = 0
    tried: int = 0
    waits: Counter[int] = field(default_factory=Counter)


def adopted(
    users: Iterable[FeatureUser],
    *,
    as_of: date,
    window_days: int = WINDOW_DAYS,
    min_uses: int = MIN_USES,
    min_days: int = MIN_DAYS,
) -> Adopted:
    """Count users with access, and what those did whose window has closed by `as_of`."""
    entitled = mature = tried = 0
    waits: Counter[int] = Counter()
    window = timedelta(days=window_days)
    for user in users:
        if user.eligible_from is None:
            continue
        entitled += 1
        if user.eligible_from + window > as_of:
            continue
        mature += 1
        tried += bool(uses_in_window(user, window_days=window_days))
        wait = days_to_adopt(user, window_days=window_days, min_uses=min_uses, min_days=min_days)
        if wait is not None:
            waits[wait] += 1
    return Adopted(entitled, mature, tried, waits)


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
    found = adopted(
        users, as_of=as_of, window_days=window_days, min_uses=min_uses, min_days=min_days
    )
    convention = convention_of(window_days, min_uses=min_uses, min_days=min_days)
    return adoption_of(found, convention=convention, level=level)


def convention_of(window_days: int, *, min_uses: int = MIN_USES, min_days: int = MIN_DAYS) -> str:
    """Say what adoption means in these numbers."""
    return f"{min_uses} uses on {min_days} days within {window_days} days of access"


def adoption_of(found: Adopted, *, convention: str, level: float = 0.95) -> Result:
    """Return the adoption rate of users already counted by `adopted`."""
    count = found.waits.total()
    result = share(
        count,
        found.mature,
        level=level,
        convention=convention,
        reason="immature_cohort" if found.entitled else "no_population",
    )
    return replace(
        result,
        pending=found.entitled - found.mature,
        parts={
            "adopted": count,
            "tried": found.tried,
            "tried_rate": quotient(found.tried, found.mature),
            "median_days_to_adopt": median_of(found.waits),
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
    users: Mapping[str, int], active: int, *, level: float = 0.95
) -> dict[str, Result]:
    """Return for each feature the share of `active` users with at least one use.

    `users` is feature -> how many of the active ones used it.
    """
    return {
        feature: share(
            count,
            active,
            level=level,
            convention="active users with at least one use",
            reason="no_population",
        )
        for feature, count in users.items()
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
