"""Average handle time: agent work per contact. Never a goal alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.statistics.result import Result, null
from analytics.statistics.spread import median, percentile
from analytics.success.metrics.facts import Id, Leg

CONVENTION = "talk + hold + wrap of all legs, per distinct contact handled"


def handle_time(legs: Iterable[Leg]) -> Result:
    """Return average seconds per contact; calls given up and bots are in neither part.

    A transferred call is one contact with several legs. Pass one channel at a
    time. `parts`: seconds per leg, per contact with chats shared out by
    concurrency, median and 90th percentile.
    """
    handled = [leg for leg in legs if not leg.is_abandoned and not leg.is_bot]
    by_contact: dict[Id, float] = {}
    for leg in handled:
        by_contact[leg.contact] = by_contact.get(leg.contact, 0.0) + _work(leg)
    seconds = list(by_contact.values())
    result = handle_time_from_totals(sum(seconds), len(seconds))
    if result.value is not None:
        result.parts.update(_parts(handled, seconds))
    return result


def _work(leg: Leg) -> float:
    return leg.talk + leg.hold + leg.wrap


def _parts(handled: Sequence[Leg], seconds: Sequence[float]) -> dict[str, float | int | None]:
    shared = sum((leg.talk + leg.hold) / max(1, leg.concurrency) + leg.wrap for leg in handled)
    return {
        "legs": len(handled),
        "per_leg": sum(seconds) / len(handled),
        "concurrency_adjusted": shared / len(seconds),
        "median": median(seconds),
        "p90": percentile(seconds, 0.9),
    }


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
