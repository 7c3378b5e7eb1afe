"""The last thirty minutes: who is there, what they do and where they struggle, for page and API.

Six statements whatever the number of events (more only to find the account or
segment asked for), each over the index of `at`; nothing but counts and the
newest events is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMinute
from django.utils import timezone

from analytics.success.friction_facts import IS_FRICTION
from analytics.success.metrics.friction import ERROR, RAGE_CLICK
from analytics.success.models import UsageEvent
from analytics.success.queries import Facts
from analytics.success.usage_facts import by_outsiders
from outbox.days import local_date
from surveys.models import Customer

MINUTES = 30
NOW_MINUTES = 5
"""Whoever gave a sign of life within so many minutes is there now."""
MOST_EVENTS = 100
MOST_NAMES = 10
KINDS = ("use", RAGE_CLICK, ERROR)
_SIGN_OF_LIFE = Q(name="heartbeat", kind="", is_core=False)
_MINUTE = timedelta(minutes=1)


class BadWish(ValueError):
    """The filter `field` names something there is not; the text says what."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(value)
        self.field, self.value = field, value


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: one customer (external id), one feature, one of KINDS; "" is all."""

    customer: str = ""
    feature: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """Distinct people and customers with any sign of life."""

    users: int
    customers: int


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of the clock; signs of life are no events."""

    at: datetime
    uses: int = 0
    rage_clicks: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A feature, or a customer by its external id, with who and what it saw; most people first."""

    name: str
    users: int
    events: int
    troubles: int
    label: str = ""
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One event; `kind` as in KINDS, customer as (key, external id, name) or None."""

    at: datetime
    user: str
    customer: tuple[int, str, str] | None
    kind: str
    name: str
    feature: str
    page: str


@dataclass(frozen=True, slots=True)
class Live:
    """The window [since, at] as `wish` wants it; `events` are the newest of `total`."""

    at: datetime
    since: datetime
    segment: str
    wish: Wish
    now: Presence
    window: Presence
    minutes: tuple[Minute, ...]
    features: tuple[Share, ...]
    customers: tuple[Share, ...]
    events: tuple[Happening, ...]

    @property
    def uses(self) -> int:
        return sum(minute.uses for minute in self.minutes)

    @property
    def rage_clicks(self) -> int:
        return sum(minute.rage_clicks for minute in self.minutes)

    @property
    def errors(self) -> int:
        return sum(minute.errors for minute in self.minutes)

    @property
    def total(self) -> int:
        return self.uses + self.rage_clicks + self.errors


def live(wish: Wish | None = None, *, segment: str = "", now: datetime | None = None) -> Live:
    """Return what happens now. LookupError for an unknown segment, BadWish for another filter."""
    asked, at = wish or Wish(), now or timezone.now()
    since = at.replace(second=0, microsecond=0) - (MINUTES - 1) * _MINUTE
    seen = _wished(asked, _rows(at, since, segment))
    done = seen.exclude(_SIGN_OF_LIFE)
    near, window = _presence(seen, at)
    return Live(
        at=at,
        since=since,
        segment=segment,
        wish=asked,
        now=near,
        window=window,
        minutes=_minutes(done, since),
        features=_features(done),
        customers=_customers(done),
        events=tuple(_newest(done)),
    )


def _rows(at: datetime, since: datetime, segment: str) -> QuerySet[UsageEvent]:
    day = local_date(at)
    facts = Facts(since=day, after=day + timedelta(days=1), as_of=at, segment=segment)
    return by_outsiders(facts.of_customers(UsageEvent)).filter(at__gte=since, at__lte=at)


def _wished(wish: Wish, rows: QuerySet[UsageEvent]) -> QuerySet[UsageEvent]:
    if wish.kind and wish.kind not in KINDS:
        raise BadWish("kind", wish.kind)
    if wish.kind:
        rows = rows.filter(kind="" if wish.kind == "use" else wish.kind)
    if wish.feature:
        rows = rows.filter(feature=wish.feature)
    if wish.customer:
        key = Customer.objects.filter(external_id=wish.customer).values_list("pk", flat=True)
        found = key.first()
        if found is None:
            raise BadWish("customer", wish.customer)
        rows = rows.filter(customer=found)
    return rows


def _presence(rows: QuerySet[UsageEvent], at: datetime) -> tuple[Presence, Presence]:
    near = Q(at__gte=at - NOW_MINUTES * _MINUTE)
    found = rows.aggregate(
        users_now=Count("user", distinct=True, filter=near),
        customers_now=Count("customer", distinct=True, filter=near),
        users=Count("user", distinct=True),
        customers=Count("customer", distinct=True),
    )
    return (
        Presence(found["users_now"], found["customers_now"]),
        Presence(found["users"], found["customers"]),
    )


_COUNTS: Mapping[str, Any] = {
    "uses": Count("pk", filter=Q(kind="")),
    "rage_clicks": Count("pk", filter=Q(kind=RAGE_CLICK)),
    "errors": Count("pk", filter=Q(kind=ERROR)),
}


def _minutes(rows: QuerySet[UsageEvent], since: datetime) -> tuple[Minute, ...]:
    """Return every minute of the window, quiet ones as 0."""
    counted = rows.values_list(TruncMinute("at", tzinfo=UTC)).annotate(**_COUNTS)
    found = {at: Minute(at, *counts) for at, *counts in counted}
    clock = (since + step * _MINUTE for step in range(MINUTES))
    return tuple(found.get(at, Minute(at)) for at in clock)


def _features(rows: QuerySet[UsageEvent]) -> tuple[Share, ...]:
    listed = _shares(rows.exclude(feature="").values_list("feature"))
    return tuple(Share(*row) for row in listed)


def _customers(rows: QuerySet[UsageEvent]) -> tuple[Share, ...]:
    columns = ("customer__external_id", "customer__name", "customer_id")
    listed = _shares(rows.exclude(customer=None).values_list(*columns))
    return tuple(
        Share(name, users, events, troubles, label, key)
        for name, label, key, users, events, troubles in listed
    )


def _shares(rows: Any) -> Iterable[tuple[Any, ...]]:
    counted = rows.annotate(
        users=Count("user", distinct=True),
        events=Count("pk"),
        troubles=Count("pk", filter=IS_FRICTION),
    )
    found: Iterable[tuple[Any, ...]] = counted.order_by("-users", "-events")[:MOST_NAMES]
    return found


def _newest(rows: QuerySet[UsageEvent]) -> Iterable[Happening]:
    for row in rows.select_related("customer").order_by("-at", "-pk")[:MOST_EVENTS]:
        who = row.customer
        yield Happening(
            row.at,
            row.user,
            (who.pk, who.external_id, who.name or who.external_id) if who else None,
            row.kind or "use",
            row.name,
            row.feature,
            row.page,
        )
