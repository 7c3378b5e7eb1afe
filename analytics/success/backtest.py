"""Health as it stood against who left later: the outcomes behind the validation page.

Snapshots are taken as they were stored, never recomputed. Time is cut into
spans of `days`; an account that had a score at the beginning of a span either
still pays at its end or has left. Each account counts once, with the last
span known of it: for who left the one they left in, for who stayed the newest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.success.health_definitions import definition_in_force
from analytics.success.metrics.health_definition import COMPONENTS
from analytics.success.metrics.health_validation import Outcome, Validation, validate
from analytics.success.metrics.periods import local_midnight
from analytics.success.models import HealthSnapshot
from analytics.success.queries import Facts

DAYS = (30, 60, 90, 180)
USUAL = 90
MOST_SPANS = 12
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the score of one definition said `days` ahead; `since` is its first snapshot."""

    days: int
    version: int
    versions: tuple[int, ...]
    since: date | None
    validation: Validation


def backtest(facts: Facts, *, days: int = USUAL, version: int | None = None) -> Backtest:
    """Judge a definition (None: the one in force) by what happened `days` after its scores."""
    chosen = version or definition_in_force().version
    rows = HealthSnapshot.objects.filter(definition_version=chosen)
    known = HealthSnapshot.objects.order_by("definition_version").values_list(
        "definition_version", flat=True
    )
    first = rows.order_by("day").values_list("day", flat=True).first()
    outcomes: dict[int, Outcome] = {}
    for start, stop in _spans(facts.today, days, first):
        outcomes |= _outcomes(facts, chosen, start, stop)
    return Backtest(days, chosen, tuple(known.distinct()), first, validate(list(outcomes.values())))


def _spans(today: date, days: int, first: date | None) -> Iterator[tuple[date, date]]:
    """Yield the spans that have ended and that a snapshot may stand before, oldest first."""
    if first is None:
        return
    for number in range(MOST_SPANS, 0, -1):
        start = today - timedelta(days=number * days)
        if first <= start:
            yield start, start + timedelta(days=days)


def _outcomes(facts: Facts, version: int, start: date, stop: date) -> dict[int, Outcome]:
    """Return customer -> outcome of those with a score in the week that ends with `start`."""
    at = min(facts.as_of, local_midnight(stop, facts.zone))
    paying = {state.customer for state in facts.states_between(at, at) if state.holds(at)}
    rows = HealthSnapshot.objects.filter(
        definition_version=version,
        day__gt=start - _WEEK,
        day__lte=start,
        score__isnull=False,
        customer__is_internal=False,
    )
    found: dict[int, Outcome] = {}
    for who, score, *scores in rows.order_by("day").values_list(
        "customer_id", "score", *COMPONENTS
    ):
        parts = zip(COMPONENTS, scores, strict=True)
        known = {name: part for name, part in parts if part is not None}
        found[who] = Outcome(score, who not in paying, known)
    return found


def asked_days(text: str) -> int:
    """Return how far ahead to look; ValueError for a span that is not offered."""
    if not text:
        return USUAL
    if text not in [str(days) for days in DAYS]:
        raise ValueError(text)
    return int(text)
