"""Average handle time: agent work per contact. Never a goal alone."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import fsum

from analytics.statistics.result import Result, null
from analytics.statistics.spread import percentiles
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.facts import Id, Leg

CONVENTION = "talk + hold + wrap of all legs, per distinct contact handled"


@dataclass(frozen=True, slots=True)
class Handled(Summed):
    """Work on some contacts, eight bytes each: its seconds, and with chats `shared` out.

    Parts add up where none of them shares a contact with another.
    """

    seconds: array[float] = field(default_factory=lambda: array("d"))
    shared: array[float] = field(default_factory=lambda: array("d"))
    legs: int = 0


def handled(legs: Iterable[Leg]) -> Handled:
    """Add up the work by contact; calls given up and bots are out."""
    by_contact: dict[Id, tuple[float, float]] = {}
    count = 0
    for leg in legs:
        if not leg.is_abandoned and not leg.is_bot:
            count += 1
            seconds, shared = by_contact.get(leg.contact, (0.0, 0.0))
            by_contact[leg.contact] = seconds + _work(leg), shared + _shared(leg)
    both = by_contact.values()
    return Handled(array("d", (s for s, _ in both)), array("d", (s for _, s in both)), count)


def _work(leg: Leg) -> float:
    return leg.talk + leg.hold + leg.wrap


def _shared(leg: Leg) -> float:
    return (leg.talk + leg.hold) / max(1, leg.concurrency) + leg.wrap


def handle_time(legs: Iterable[Leg]) -> Result:
    """Return average seconds per contact; calls given up and bots are in neither part.

    A transferred call is one contact with several legs. Pass one channel at a
    time. `parts`: seconds per leg, per contact with chats shared out by
    concurrency, median and 90th percentile.
    """
    return handle_time_of(handled(legs))


def handle_time_of(found: Handled) -> Result:
    """Return the same of work that is added up."""
    total, contacts = fsum(found.seconds), len(found.seconds)
    result = handle_time_from_totals(total, contacts)
    if result.value is not None:
        middle, late = percentiles(found.seconds, 0.5, 0.9)
        result.parts.update(
            legs=found.legs,
            per_leg=total / found.legs,
            concurrency_adjusted=fsum(found.shared) / contacts,
            median=middle,
            p90=late,
        )
    return result


def handle_time_from_totals(seconds: float, handled: int) -> Result:
    """Return work over contacts where only totals are known; nothing handled is null."""
    if not handled:
        return null("seconds", "no_population", convention=CONVENTION)
    return Result(
        value=seconds / handled,
        unit="seconds",
        n=handled,
        numerator=seconds,
        denominator=handled,
        convention=CONVENTION,
    )
