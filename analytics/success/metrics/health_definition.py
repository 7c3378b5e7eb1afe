"""What health is made of: measures, the curves that score them, the weights of the parts.

A definition is a value. Version 1 ships; every later one was written by
somebody, and snapshots keep the version they were made with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from analytics.success.metrics.health import Component, broken_line_score

Points = tuple[tuple[float, float], ...]
"""(value, score) with rising values; straight lines between, flat outside."""
Weights = Mapping[str, float]

COMPONENTS = ("usage", "feedback", "support", "adoption", "commercial", "relationship")
ALL, NEW = "", "new:"
"""Groups with weights of their own; every other group is the short name of a segment."""
NEW_DAYS = 30
WHOLE = 100
MOST_POINTS = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """Something counted of an account, which one curve turns into 0..100."""

    component: str
    is_higher_better: bool
    low: float
    high: float
    is_share: bool = False


MEASURES: Mapping[str, Measure] = {
    "usage": Measure("usage", True, 0, 1, is_share=True),
    "usage_trend": Measure("usage", True, -1, 10, is_share=True),
    "feedback": Measure("feedback", True, 0, 100),
    "ticket_age": Measure("support", False, 0, 365),
    "reopened": Measure("support", False, 0, 1, is_share=True),
    "first_contact": Measure("support", True, 0, 1, is_share=True),
    "predicted_satisfaction": Measure("support", True, 0, 1, is_share=True),
    "adoption": Measure("adoption", True, 0, 1, is_share=True),
    "revenue_trend": Measure("commercial", True, -1, 10, is_share=True),
    "days_to_renewal": Measure("commercial", True, 0, 1000),
    "last_contact": Measure("relationship", False, 0, 365),
}
OPTIONAL = frozenset(
    {"usage_trend", "first_contact", "predicted_satisfaction", "days_to_renewal", "last_contact"}
)
"""What a definition may leave out: not every team has it, or wants it judged."""
# Judged in words by people or payment, not on a curve.
SCORED = ("payment", "pulse")

CURVES: Mapping[str, Points] = {
    "usage": ((0, 0), (0.8, 100)),
    "usage_trend": ((-0.5, 0), (0, 100)),
    "feedback": ((0, 0), (100, 100)),
    "ticket_age": ((0, 100), (14, 0)),
    "reopened": ((0, 100), (0.5, 0)),
    "first_contact": ((0.4, 0), (0.9, 100)),
    "predicted_satisfaction": ((0.4, 0), (0.9, 100)),
    "adoption": ((0, 0), (0.8, 100)),
    "revenue_trend": ((-0.2, 0), (0.1, 100)),
    "days_to_renewal": ((0, 50), (90, 100)),
    "last_contact": ((30, 100), (120, 0)),
}
WEIGHTS: Weights = dict(zip(COMPONENTS, (30, 20, 15, 15, 15, 5), strict=True))
# Somebody who has just begun has no trend and few answers: what counts is that they get going.
NEW_WEIGHTS: Weights = dict(zip(COMPONENTS, (35, 10, 15, 25, 5, 10), strict=True))


@dataclass(frozen=True, slots=True)
class Definition:
    """`weights` by group, in the order in which segments are asked; ALL is always there."""

    version: int = 1
    weights: Mapping[str, Weights] = field(default_factory=lambda: {ALL: WEIGHTS, NEW: NEW_WEIGHTS})
    curves: Mapping[str, Points] = field(default_factory=lambda: dict(CURVES))

    @property
    def segments(self) -> list[str]:
        return [group for group in self.weights if group not in (ALL, NEW)]

    def group_of(self, *, is_new: bool, segments: Sequence[str]) -> str:
        """Return whose weights an account takes: of new ones, else of its first segment."""
        if is_new and NEW in self.weights:
            return NEW
        return next((name for name in self.segments if name in segments), ALL)

    def components(self, scores: Mapping[str, float | None], group: str) -> tuple[Component, ...]:
        """Return the parts of a score; a group that has gone since takes the weights of all."""
        weights = self.weights.get(group, self.weights[ALL])
        return tuple(Component(name, weights[name], scores.get(name)) for name in COMPONENTS)

    def scores(self, measured: Mapping[str, float | None]) -> dict[str, float | None]:
        """Return each component 0..100 from what was measured; None where nothing was."""
        by_curve = {
            name: broken_line_score(measured.get(name), points)
            for name, points in self.curves.items()
        }
        return {
            "usage": _mean(by_curve["usage"], by_curve.get("usage_trend")),
            "feedback": by_curve["feedback"],
            "support": _mean(
                by_curve["ticket_age"],
                by_curve["reopened"],
                by_curve.get("first_contact"),
                by_curve.get("predicted_satisfaction"),
            ),
            "adoption": by_curve["adoption"],
            "commercial": _mean(
                measured.get("payment"), by_curve["revenue_trend"], by_curve.get("days_to_renewal")
            ),
            "relationship": _mean(measured.get("pulse"), by_curve.get("last_contact")),
        }


def _mean(*scores: float | None) -> float | None:
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else None


# ---- What may not be -----------------------------------------------------------------

Wrong = Literal[
    "no_weights", "missing", "unknown", "negative", "sum",
    "no_curve", "few_points", "many_points", "value_range", "score_range", "order",
    "direction", "flat",
]  # fmt: skip


class Flaw(NamedTuple):
    """What is wrong where: "weights.<group>" or "curves.<measure>"; `about` says more."""

    place: str
    wrong: Wrong
    about: str = ""


def flaws_of(definition: Definition) -> list[Flaw]:
    """Return everything that keeps a definition from being used; an empty list is a good one."""
    found = [Flaw("weights", "no_weights")] if ALL not in definition.weights else []
    for group, weights in definition.weights.items():
        found += _flaws_of_weights(f"weights.{group}", weights)
    for name in MEASURES:
        if name not in definition.curves and name not in OPTIONAL:
            found.append(Flaw(f"curves.{name}", "no_curve"))
    for name, points in definition.curves.items():
        found += _flaws_of_curve(name, points)
    return found


def _flaws_of_weights(place: str, weights: Weights) -> Iterator[Flaw]:
    for name in COMPONENTS:
        if name not in weights:
            yield Flaw(place, "missing", name)
    for name, weight in weights.items():
        if name not in COMPONENTS:
            yield Flaw(place, "unknown", name)
        elif weight < 0:
            yield Flaw(place, "negative", name)
    total = sum(weights.values())
    if abs(total - WHOLE) > 1e-9:
        yield Flaw(place, "sum", f"{total:g}")


def _flaws_of_curve(name: str, points: Points) -> Iterator[Flaw]:
    place, measure = f"curves.{name}", MEASURES.get(name)
    if measure is None:
        yield Flaw(place, "unknown", name)
        return
    if len(points) < 2:
        yield Flaw(place, "few_points")
        return
    if len(points) > MOST_POINTS:
        yield Flaw(place, "many_points")
    for value, score in points:
        if not measure.low <= value <= measure.high:
            yield Flaw(place, "value_range", f"{value:g}")
        if not 0 <= score <= WHOLE:
            yield Flaw(place, "score_range", f"{score:g}")
    sign = 1 if measure.is_higher_better else -1
    for (x0, y0), (x1, y1) in pairwise(points):
        if x1 <= x0:
            yield Flaw(place, "order", f"{x1:g}")
        if sign * (y1 - y0) < 0:
            yield Flaw(place, "direction", f"{x1:g}")
    if points[0][1] == points[-1][1]:
        yield Flaw(place, "flat")
