"""Paths through the product: how far people come, and at which step they get stuck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.spread import median
from analytics.success.metrics.adoption import Step, sticking_points
from analytics.success.metrics.facts import Id

CONVENTION = "people who began in the period, steps in order, each within the window of the first"


@dataclass(frozen=True, slots=True)
class Walk:
    """How far one person came: the instants of the steps reached, at least the first."""

    user: Id
    customer: Id | None
    reached: tuple[datetime, ...]


def walked(
    events: Iterable[tuple[datetime, str]],
    steps: Sequence[str],
    *,
    until: datetime,
    window: timedelta,
) -> tuple[datetime, ...]:
    """Return when a person reached each step of a path, () for one who never began.

    `events` are that person's, oldest first. Whoever does the first step before
    `until` begins there; every further step counts in its order, other events
    between them do not matter, and none later than `window` after the first.
    """
    reached: list[datetime] = []
    for at, name in events:
        if at >= until if not reached else at - reached[0] > window:
            break
        if name == steps[len(reached)]:
            reached.append(at)
            if len(reached) == len(steps):
                break
    return tuple(reached)


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step: who reached it, who went on (None after the last one) and whether many stay.

    `seconds` is the median wait of those who went on.
    """

    name: str
    reached: int
    share: Result | None
    seconds: float | None
    is_sticking: bool

    @property
    def stopped(self) -> int:
        if self.share is None:
            return 0
        return self.reached - int(self.share.numerator or 0)


@dataclass(frozen=True, slots=True)
class PathReport:
    """The steps, the share that came through, and how many are still under way."""

    steps: tuple[PathStep, ...]
    through: Result
    pending: int


def path_report(
    walks: Iterable[Walk], names: Sequence[str], *, as_of: datetime, window: timedelta
) -> PathReport:
    """Count the people whose window has closed by `as_of`; the quick among the others wait too."""
    listed = list(walks)
    mature = ripe(listed, as_of=as_of, window=window)
    reached = [sum(len(walk.reached) > place for walk in mature) for place in range(len(names))]
    pairs = [
        Step(name, here, then)
        for name, here, then in zip(names, reached, reached[1:], strict=False)
    ]
    stuck = {id(step) for step in sticking_points(pairs)}
    steps = [
        PathStep(
            step.name,
            step.reached,
            share(step.continued, step.reached, reason="no_population"),
            _wait(mature, place),
            id(step) in stuck,
        )
        for place, step in enumerate(pairs)
    ]
    last = PathStep(names[-1], reached[-1], None, None, False)
    through = share(
        reached[-1],
        reached[0],
        convention=CONVENTION,
        reason="immature_cohort" if listed else "no_population",
    )
    return PathReport((*steps, last), through, len(listed) - len(mature))


def ripe(walks: Iterable[Walk], *, as_of: datetime, window: timedelta) -> list[Walk]:
    """Return the walks whose window is over."""
    return [walk for walk in walks if walk.reached[0] + window <= as_of]


def _wait(walks: Sequence[Walk], place: int) -> float | None:
    both = [walk.reached for walk in walks if len(walk.reached) > place + 1]
    found = median([(at[place + 1] - at[place]).total_seconds() for at in both])
    return None if found is None else float(found)
