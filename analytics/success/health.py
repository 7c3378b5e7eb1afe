"""The health of paying accounts: six components from the facts, one score, and why it moved.

Nothing is read per account: each component is one pass over rows `Facts` has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from django.utils import timezone

from analytics.periods import Period
from analytics.statistics.result import Result
from analytics.success.metrics.health import (
    FRESH_DAYS,
    Band,
    Component,
    HealthChange,
    band_of,
    fresh,
    health_change,
    health_score,
    linear_score,
    shrunk_mean,
)
from analytics.success.metrics.periods import local_midnight
from analytics.success.models import AccountNote, HealthSnapshot
from analytics.success.queries import Facts
from analytics.success.service_reports import feature_users, seat_weeks
from feedback.models import Response
from outbox.days import local_date
from surveys.scales import scale_of

WEIGHTS: Mapping[str, float] = {
    "usage": 30,
    "feedback": 20,
    "support": 15,
    "adoption": 15,
    "commercial": 15,
    "relationship": 5,
}
_PULSE = {"good": 100.0, "fair": 50.0, "poor": 0.0}
_PAYMENT = {"active": 100.0, "past_due": 20.0}
Scores = Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class Health:
    """One account now: what it pays, its score with components, the band it is in."""

    customer: int
    mrr: Decimal | None
    result: Result
    components: tuple[Component, ...]
    band: Band | None
    change: HealthChange | None

    @property
    def score(self) -> float | None:
        return None if self.result.value is None else float(self.result.value)

    @property
    def lost(self) -> list[tuple[str, float]]:
        """Return components with the points they cost, largest loss first."""
        lost: Mapping[str, float] = self.result.parts.get("points_lost", {})
        return sorted(lost.items(), key=lambda pair: -pair[1])


def health_facts(as_of: datetime | None = None) -> Facts:
    """Return the facts health needs: ninety days up to `as_of` (None = now)."""
    at = as_of or timezone.now()
    day = local_date(at)
    return Facts(since=day - timedelta(days=90), after=day + timedelta(days=1), as_of=at)


def measure_all(facts: Facts) -> list[Health]:
    """Return the health of every paying account today, poorest first, unknown ones last."""
    today = facts.today
    revenue = monthly_revenue(facts)
    found = {
        "usage": _usage(facts),
        "feedback": _feedback(facts),
        "support": _support(facts),
        "adoption": _adoption(facts),
        "commercial": _commercial(facts),
        "relationship": _relationship(facts),
    }
    before = _snapshots(today - timedelta(days=30), revenue)
    yesterday = _snapshots(today, revenue)
    listed = [
        _health(
            customer,
            mrr,
            {name: scores.get(customer) for name, scores in found.items()},
            before=before.get(customer),
            last=yesterday.get(customer),
        )
        for customer, mrr in revenue.items()
    ]
    return sorted(listed, key=lambda h: (h.score is None, h.score, h.customer))


def components_of(scores: Mapping[str, float | None]) -> tuple[Component, ...]:
    return tuple(Component(name, weight, scores.get(name)) for name, weight in WEIGHTS.items())


def _health(
    customer: int,
    mrr: Decimal | None,
    scores: Mapping[str, float | None],
    *,
    before: HealthSnapshot | None,
    last: HealthSnapshot | None,
) -> Health:
    components = components_of(scores)
    result = health_score(components)
    previous = cast("Band | None", (last.band or None) if last else None)
    band = None if result.value is None else band_of(float(result.value), previous=previous)
    change = None
    if before is not None and before.score is not None and result.value is not None:
        change = health_change(components_of(_stored_scores(before)), components)
    return Health(customer, mrr, result, components, band, change)


def _stored_scores(snapshot: HealthSnapshot) -> dict[str, float | None]:
    return {name: getattr(snapshot, name) for name in WEIGHTS}


def _snapshots(until: date, customers: Iterable[int]) -> dict[int, HealthSnapshot]:
    """Return each account's newest snapshot of the week that ends with a day."""
    rows = HealthSnapshot.objects.filter(
        customer__in=list(customers), day__lte=until, day__gt=until - timedelta(days=7)
    )
    return {row.customer_id: row for row in rows.order_by("day")}


# ---- Components ----------------------------------------------------------------------


def monthly_revenue(facts: Facts) -> dict[int, Decimal | None]:
    """Return paying customer -> MRR in the base currency, None where a rate is missing."""
    rates, found = facts.rates_on(facts.today), dict[int, Decimal | None]()
    for state in facts.states:
        if state.holds(facts.as_of) and state.customer in facts.customers:
            rate = Decimal(1) if state.currency == facts.base else rates.get(state.currency)
            so_far = found.get(state.customer, Decimal(0))
            found[state.customer] = (
                None if rate is None or so_far is None else so_far + state.monthly * rate
            )
    return found


def _usage(facts: Facts) -> Scores:
    """Share of seats active in the last whole weeks; 80 % is full marks."""
    fortnight = Period(facts.today - timedelta(days=20), facts.today + timedelta(days=1))
    sums: dict[int, list[int]] = {}
    for week in seat_weeks(facts, fortnight):
        if week.seats and week.active is not None:
            both = sums.setdefault(int(week.customer), [0, 0])
            both[0] += week.active
            both[1] += week.seats
    return {
        who: linear_score(active / seats, worst=0, best=0.8)
        for who, (active, seats) in sums.items()
    }


def _feedback(facts: Facts) -> Scores:
    """Answers of the account in 180 days on a scale of 0 to 100, shrunk towards everybody's."""
    since = facts.today - timedelta(days=FRESH_DAYS["feedback"])
    rows = Response.objects.filter(
        standing=Response.Standing.COUNTED, submitted_date__gte=since, customer__isnull=False
    )
    by_customer: dict[int, list[float]] = {}
    for who, score, kind in rows.values_list("customer_id", "score", "survey__kind"):
        if score is not None:
            scale = scale_of(kind)
            place = 100 * (score - scale.low) / (scale.high - scale.low)
            by_customer.setdefault(who, []).append(place)
    everything = [score for scores in by_customer.values() for score in scores]
    middle = sum(everything) / len(everything) if everything else 0.0
    return {
        who: shrunk_mean(sum(scores) / len(scores), len(scores), prior_mean=middle)
        for who, scores in by_customer.items()
    }


def _support(facts: Facts) -> Scores:
    """Oldest open ticket (14 days is worst) and share reopened (half is worst) in 90 days."""
    if not facts.served:
        return {}
    ages: dict[int, float] = dict.fromkeys(facts.customers, 0.0)
    reopened: dict[int, list[int]] = {who: [] for who in facts.customers}
    for served in facts.served:
        ticket = served.ticket
        if not isinstance(ticket.customer, int) or ticket.flag in ("spam", "merged", "outbound"):
            continue
        who = ticket.customer
        if who in reopened:
            reopened[who].append(int(ticket.reopened > 0))
            if ticket.solved is None:
                ages[who] = max(ages[who], (facts.as_of - ticket.opened).total_seconds() / 86400)
    return {
        who: (
            (linear_score(ages[who], worst=14, best=0) or 0.0)
            + (linear_score(sum(marks) / max(1, len(marks)), worst=0.5, best=0) or 0.0)
        )
        / 2
        for who, marks in reopened.items()
    }


def _adoption(facts: Facts) -> Scores:
    """Share of the features an account may use that anybody there has used."""
    used = {(who, feature) for _user, who, feature in facts.feature_days()}
    held: dict[int, set[str]] = {}
    for entitlement in facts.entitlements:
        if entitlement.feature:
            held.setdefault(entitlement.customer_id, set()).add(entitlement.feature)
    if not feature_users(facts):
        return {}
    return {
        who: linear_score(
            sum((who, name) in used for name in names) / len(names), worst=0, best=0.8
        )
        for who, names in held.items()
    }


def _commercial(facts: Facts) -> Scores:
    """State of payment, and MRR against 90 days ago: a fifth less is worst, a tenth more best."""
    then = local_midnight(facts.since, facts.zone)
    levels: dict[int, list[Decimal]] = {}
    payment: dict[int, float] = {}
    for state in facts.states:
        level = levels.setdefault(state.customer, [Decimal(0), Decimal(0)])
        if state.holds(then):
            level[0] += state.monthly
        if state.holds(facts.as_of):
            level[1] += state.monthly
            marks = _PAYMENT.get(state.status, 0.0)
            payment[state.customer] = min(marks, payment.get(state.customer, 100.0))
    found: dict[int, float | None] = {}
    for who, marks in payment.items():
        start, end = levels[who]
        trend = linear_score(float(end / start) - 1, worst=-0.2, best=0.1) if start else None
        found[who] = marks if trend is None else (marks + trend) / 2
    return found


def _relationship(facts: Facts) -> Scores:
    """The newest pulse anybody gave, while it is fresh."""
    since = facts.as_of - timedelta(days=FRESH_DAYS["pulse"] + 1)
    notes = AccountNote.objects.exclude(pulse="").filter(created_at__gte=since)
    found: dict[int, float | None] = {}
    for who, pulse, at in notes.order_by("created_at").values_list(
        "customer_id", "pulse", "created_at"
    ):
        found[who] = fresh(
            _PULSE[pulse], measured=local_date(at), as_of=facts.today, days=FRESH_DAYS["pulse"]
        )
    return found


# ---- Snapshots -----------------------------------------------------------------------


def take_snapshots(day: date, healths: Sequence[Health]) -> int:
    """Store the health of a day; a day already stored is replaced. Returns how many."""
    rows = [
        HealthSnapshot(
            customer_id=health.customer,
            day=day,
            score=health.score,
            band=health.band or "",
            coverage=health.result.parts.get("coverage") or 0.0,
            **{part.name: part.score for part in health.components},
        )
        for health in healths
    ]
    HealthSnapshot.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["customer", "day"],
        update_fields=["score", "band", "coverage", *WEIGHTS],
        batch_size=1000,
    )
    return len(rows)
