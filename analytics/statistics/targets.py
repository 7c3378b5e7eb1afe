"""Is a target met? The interval answers, not the number alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.statistics.result import Number, Reason, Result

State = Literal["met", "missed", "unclear"]


@dataclass(frozen=True, slots=True)
class TargetState:
    """`state` None means nothing to judge, with `reason`.

    `gap` is the distance to the goal in the metric's unit, positive on the
    good side whichever direction is good.
    """

    state: State | None
    gap: Number | None = None
    reason: Reason = ""


def target_state(
    value: Number | None,
    goal: Number,
    *,
    low: Number | None = None,
    high: Number | None = None,
    is_higher_better: bool = True,
    reason: Reason = "no_responses",
) -> TargetState:
    """Return met when the whole interval is on the good side, missed when none is.

    Reaching the goal exactly is good. Without an interval (money, counts) the
    value stands for itself.
    """
    if value is None:
        return TargetState(None, reason=reason)
    low, high = (value if low is None else low), (value if high is None else high)
    worst, best = (low, high) if is_higher_better else (high, low)
    gap = _lead(value, goal, is_higher_better)
    if _lead(worst, goal, is_higher_better) >= 0:
        return TargetState("met", gap)
    if _lead(best, goal, is_higher_better) < 0:
        return TargetState("missed", gap)
    return TargetState("unclear", gap)


def _lead(value: Number, goal: Number, is_higher_better: bool) -> Number:
    if type(value) is not type(goal):
        value, goal = float(value), float(goal)
    return value - goal if is_higher_better else goal - value  # type: ignore[operator]


def target_state_of(result: Result, goal: Number, *, is_higher_better: bool = True) -> TargetState:
    """Judge a Result against a goal in its own unit."""
    interval = result.interval
    return target_state(
        result.value,
        goal,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        is_higher_better=is_higher_better,
        reason=result.reason or "no_responses",
    )
