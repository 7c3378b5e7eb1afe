"""What is measured of paying accounts before any of it is judged.

Nothing is read per account: each measure is one pass over rows `Facts` has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, QuerySet
from django.utils import timezone

from analytics.periods import Period
from analytics.success.conversations import models_in_force
from analytics.success.learning import PREDICTED_DAYS
from analytics.success.metrics import resolution
from analytics.success.metrics.health import FRESH_DAYS, fresh, shrunk_mean
from analytics.success.metrics.health_definition import NEW_DAYS
from analytics.success.metrics.periods import local_midnight
from analytics.success.models import AccountNote, Conversation
from analytics.success.queries import Facts
from analytics.success.renewals_due import due_dates
from analytics.success.service_reports import contact_policy, seat_weeks
from analytics.success.sources import stopped
from analytics.success.touches import last_contacts
from feedback.models import Response
from outbox.days import local_date
from surveys.scales import scale_of

_PULSE = {"good": 100.0, "fair": 50.0, "poor": 0.0}
_PAYMENT = {"active": 100.0, "past_due": 20.0}
_DAY = 86400
_FEW_ISSUES = 3  # with one or two, one bad day would be the account's whole record
ByCustomer = Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class Measures:
    """Paying accounts with their MRR (None where a rate is missing) and what was measured.

    `values` is measure -> customer -> value; a customer that is not in it has
    none. `newcomers` began to pay within NEW_DAYS.
    """

    revenue: Mapping[int, Decimal | None]
    values: Mapping[str, ByCustomer]
    newcomers: frozenset[int]

    def of(self, customer: int) -> dict[str, float | None]:
        return {name: found.get(customer) for name, found in self.values.items()}


def health_facts(as_of: datetime | None = None, *, only: Collection[int] | None = None) -> Facts:
    """Return the facts health needs: ninety days up to `as_of` (None = now).

    With `only` those of some customers, whose health is the same as among all.
    """
    at = as_of or timezone.now()
    day = local_date(at)
    return Facts(since=day - timedelta(days=90), after=day + timedelta(days=1), as_of=at, only=only)


def read_measures(facts: Facts) -> Measures:
    payment, trend = _commercial(facts)
    silent = stopped(facts.as_of)
    is_served = "tickets" not in silent  # what nobody tells is unknown, not perfect
    age, reopened = _support(facts) if is_served else ({}, {})
    is_tracked = "usage-events" not in silent and _is_tracked(facts)
    usage, usage_trend = _usage(facts) if is_tracked else ({}, {})
    values: dict[str, ByCustomer] = {
        "usage": usage,
        "usage_trend": usage_trend,
        "feedback": _feedback(facts),
        "ticket_age": age,
        "reopened": reopened,
        "first_contact": _first_contact(facts) if is_served else {},
        "predicted_satisfaction": _predicted(facts),
        "adoption": _adoption(facts) if is_tracked else {},
        "payment": payment,
        "revenue_trend": trend,
        "days_to_renewal": _days_to_renewal(facts),
        "pulse": _pulse(facts),
        "last_contact": last_contacts(facts),
    }
    return Measures(monthly_revenue(facts), values, _newcomers(facts))


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


def _newcomers(facts: Facts) -> frozenset[int]:
    first: dict[int, datetime] = {}
    for state in facts.states:
        first[state.customer] = min(state.at, first.get(state.customer, state.at))
    edge = facts.as_of - timedelta(days=NEW_DAYS)
    return frozenset(who for who, at in first.items() if at > edge)


def _is_tracked(facts: Facts) -> bool:
    """Say whether events still come in: a dead connector must not look like silent customers."""
    last = facts.tracked_until
    return last is not None and facts.today - last <= timedelta(days=FRESH_DAYS["usage"])


def _usage(facts: Facts) -> tuple[ByCustomer, ByCustomer]:
    """Share of seats active in the last whole weeks, and its change in four weeks as a share."""
    now = _share_active(facts, facts.today)
    then = _share_active(facts, facts.today - timedelta(weeks=4))
    return now, {who: now[who] / share - 1 for who, share in then.items() if share and who in now}


def _share_active(facts: Facts, last: date) -> dict[int, float]:
    fortnight = Period(last - timedelta(days=20), last + timedelta(days=1))
    sums: dict[int, list[int]] = {}
    for week in seat_weeks(facts, fortnight):
        if week.seats and week.active is not None:
            both = sums.setdefault(int(week.customer), [0, 0])
            both[0] += week.active
            both[1] += week.seats
    return {who: active / seats for who, (active, seats) in sums.items()}


def _feedback(facts: Facts) -> ByCustomer:
    """Answers of the account in 180 days on a scale of 0 to 100, shrunk towards everybody's."""
    since = facts.today - timedelta(days=FRESH_DAYS["feedback"])
    rows = Response.objects.filter(
        standing=Response.Standing.COUNTED,
        submitted_date__gte=since,
        submitted_date__lte=facts.today,
        customer__isnull=False,
    )
    middle, own = _middle(rows), rows
    if facts.only is not None:
        own = rows.filter(customer__any_of=facts.only)
    by_customer: dict[int, list[float]] = {}
    for who, score, kind in own.values_list("customer_id", "score", "survey__kind"):
        if score is not None:
            by_customer.setdefault(who, []).append(_place(score, kind))
    return {
        who: shrunk_mean(sum(scores) / len(scores), len(scores), prior_mean=middle)
        for who, scores in by_customer.items()
    }


def _middle(rows: QuerySet[Response]) -> float:
    """Return where the mean answer of everybody lies, 0 to 100; 0 without any."""
    counted = rows.filter(score__isnull=False).order_by().values("survey__kind")
    kinds = list(counted.annotate(n=Count("pk"), mean=Avg("score")))
    total = sum(row["n"] for row in kinds)
    places = [row["n"] * _place(float(row["mean"]), row["survey__kind"]) for row in kinds]
    return sum(places) / total if total else 0.0


def _place(score: float, kind: str) -> float:
    scale = scale_of(kind)
    return 100 * (score - scale.low) / (scale.high - scale.low)


def _support(facts: Facts) -> tuple[ByCustomer, ByCustomer]:
    """Age of the oldest open ticket in days, and the share of tickets reopened in 90 days."""
    if not facts.has_served:
        return {}, {}
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
                ages[who] = max(ages[who], (facts.as_of - ticket.opened).total_seconds() / _DAY)
    shares = {who: sum(marks) / max(1, len(marks)) for who, marks in reopened.items()}
    return ages, shares


def _first_contact(facts: Facts) -> ByCustomer:
    """Share (0..1) of the issues solved in 90 days that one contact solved, from a few on."""
    period = Period(facts.since, facts.after)
    found = resolution.solved_at_first(
        (served.ticket for served in facts.served),
        facts.instants(period),
        as_of=facts.as_of,
        policy=contact_policy(facts.conventions),
        least=_FEW_ISSUES,
    )
    return {who: part for who, part in found.items() if isinstance(who, int)}


def _predicted(facts: Facts) -> ByCustomer:
    """Predicted satisfaction (0..1) of conversations of 90 days nobody rated; shrunk as answers.

    Nobody has one while no model is proved, and a rating never counts here: it
    is an answer, and those are measured by `feedback`.
    """
    rows = Conversation.objects.filter(
        is_satisfied__isnull=True,
        probability__isnull=False,
        model__in=models_in_force(),
        customer__is_internal=False,
        last_at__range=(facts.as_of - timedelta(days=PREDICTED_DAYS), facts.as_of),
    )
    middle = float(rows.aggregate(mean=Avg("probability"))["mean"] or 0)
    if facts.only is not None:
        rows = rows.filter(customer__any_of=facts.only)
    by_customer: dict[int, list[float]] = {}
    for who, probability in rows.values_list("customer_id", "probability"):
        by_customer.setdefault(who, []).append(float(probability or 0))
    return {
        who: shrunk_mean(sum(listed) / len(listed), len(listed), prior_mean=middle)
        for who, listed in by_customer.items()
    }


def _adoption(facts: Facts) -> ByCustomer:
    """Share of the features an account may use that anybody there has used."""
    held: dict[int, set[str]] = {}
    for entitlement in facts.entitlements:
        if entitlement.feature:
            held.setdefault(entitlement.customer_id, set()).add(entitlement.feature)
    if not facts.has_feature_users:
        return {}
    used = facts.features_used()
    return {
        who: sum((who, name) in used for name in names) / len(names) for who, names in held.items()
    }


def _commercial(facts: Facts) -> tuple[ByCustomer, ByCustomer]:
    """State of payment in points, and MRR against 90 days ago as a share of it."""
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
    trend = {who: float(end / start) - 1 for who, (start, end) in levels.items() if start}
    return payment, trend


def _days_to_renewal(facts: Facts) -> ByCustomer:
    due = due_dates(facts.today, only=facts.only)
    return {who: float((day - facts.today).days) for who, day in due.items()}


def _pulse(facts: Facts) -> ByCustomer:
    """The newest pulse anybody gave, while it is fresh."""
    since = facts.as_of - timedelta(days=FRESH_DAYS["pulse"] + 1)
    notes = AccountNote.objects.exclude(pulse="").filter(created_at__range=(since, facts.as_of))
    found: dict[int, float | None] = {}
    for who, pulse, at in notes.order_by("created_at").values_list(
        "customer_id", "pulse", "created_at"
    ):
        measured: date = local_date(at)
        found[who] = fresh(
            _PULSE[pulse], measured=measured, as_of=facts.today, days=FRESH_DAYS["pulse"]
        )
    return found
