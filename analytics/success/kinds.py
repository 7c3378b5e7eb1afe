"""Every kind of fact: its columns, how each is read, and what must hold between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.success import cells
from analytics.success.metrics.facts import Plan
from analytics.success.metrics.recurring import monthly_amount
from analytics.success.models import (
    ContactLeg,
    Cost,
    Entitlement,
    ExchangeRate,
    Holiday,
    OpeningHours,
    Order,
    Referral,
    SubscriptionState,
    Term,
    Ticket,
    Trial,
    UsageEvent,
)
from outbox.days import local_date
from surveys.models import Customer

Row = dict[str, Any]
Flaw = tuple[str, str]
Check = Callable[[Mapping[str, Any]], Iterator[Flaw]]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a row. Left out (or null), it takes `default` unless `is_required`."""

    name: str
    read: cells.Reader
    is_required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: rows of `model`, one for each value of the columns `key`.

    `customer` says whether a row must name one ("required", "optional", "").
    `check` yields (column, reason) where columns contradict each other;
    `derive` returns columns computed from the others.
    """

    slug: str
    name: str | Promise
    model: type[Model]
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ("external_id",)
    customer: str = "required"
    check: Check | None = None
    derive: Callable[[Mapping[str, Any]], Row] | None = None
    # True: a column left out keeps what is stored, because others write here, too.
    keeps_missing: bool = False

    @property
    def columns(self) -> list[str]:
        """Return the names a row may have, the key first."""
        names = [field.name for field in self.fields]
        return [*names[:1], "customer", *names[1:]] if self.customer else names

    @property
    def required(self) -> list[str]:
        names = [field.name for field in self.fields if field.is_required]
        return [*names, "customer"] if self.customer == "required" else names


def _in_order(*names: str) -> Check:
    """Return a check that later columns are not before the first one."""

    def check(row: Mapping[str, Any]) -> Iterator[Flaw]:
        start = row[names[0]]
        for name in names[1:]:
            if row[name] is not None and row[name] < start:
                message = _("%(later)s lies before %(first)s, which is %(start)s")
                yield name, message % {"later": name, "first": names[0], "start": _words(start)}

    return check


def _words(value: date | datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _check_subscription(row: Mapping[str, Any]) -> Iterator[Flaw]:
    if row["tax"] > row["amount"]:
        yield "tax", _("the tax is more than the amount, which includes it")
    asked = row["cancel_requested_at"]
    if asked is not None and row["status"] == "cancelled" and asked > row["at"]:
        yield "cancel_requested_at", _("cancelled before the cancellation was asked for")


def _monthly(row: Mapping[str, Any]) -> Row:
    names = ("amount", "currency", "interval", "interval_count", "quantity", "status", "tax")
    plan = Plan(
        id=row["external_id"],
        customer="",
        discount=row["discount"],
        is_forever=row["is_forever"],
        is_metered=row["is_metered"],
        **{name: row[name] for name in names},
    )
    return {"monthly": monthly_amount(plan).quantize(Decimal("1e-10"))}


def _check_term(row: Mapping[str, Any]) -> Iterator[Flaw]:
    if row["renewed_date"] is None and row["amount_renewed"] is not None:
        yield "amount_renewed", _("an amount was renewed, but renewed_date is missing")


def _check_order(row: Mapping[str, Any]) -> Iterator[Flaw]:
    if row["refund"] > row["amount"]:
        yield "refund", _("more was refunded than paid")


_ID = Field("external_id", cells.line(120), is_required=True)
_CURRENCY = Field("currency", cells.currency, is_required=True)
_CHANNEL = Field("channel", cells.line(40), default="")
_COUNT = cells.whole(0, 32_000)

CUSTOMERS = Kind(
    "customers",
    gettext_lazy("Customers"),
    Customer,
    (
        _ID,
        Field("name", cells.line(200), is_required=True),
        Field("properties", cells.properties, default={}),
        Field("is_internal", cells.flag, default=False),
    ),
    customer="",
    keeps_missing=True,
)
SUBSCRIPTIONS = Kind(
    "subscriptions",
    gettext_lazy("Subscriptions"),
    SubscriptionState,
    (
        _ID,
        Field("at", cells.moment, is_required=True),
        Field("status", cells.choice(SubscriptionState.Status.values), is_required=True),
        Field("plan", cells.line(120), default=""),
        Field("amount", cells.amount, is_required=True),
        _CURRENCY,
        Field("quantity", cells.whole(0, 10_000_000), default=1),
        Field("interval", cells.choice(SubscriptionState.Interval.values), default="month"),
        Field("interval_count", cells.whole(1, 120), default=1),
        Field("tax", cells.amount, default=Decimal(0)),
        Field("discount", cells.share, default=Decimal(0)),
        Field("is_forever", cells.flag, default=False),
        Field("is_metered", cells.flag, default=False),
        Field("cause", cells.line(200), default=""),
        Field("cancel_requested_at", cells.moment),
    ),
    key=("external_id", "at"),
    check=_check_subscription,
    derive=_monthly,
)
TERMS = Kind(
    "terms",
    gettext_lazy("Terms"),
    Term,
    (
        _ID,
        Field("subscription", cells.line(120), default=""),
        Field("due_date", cells.day, is_required=True),
        Field("amount", cells.amount, is_required=True),
        _CURRENCY,
        Field("renewed_date", cells.day),
        Field("amount_renewed", cells.amount),
        Field("cancelled_date", cells.day),
        Field("is_refunded", cells.flag, default=False),
        Field("is_monthly", cells.flag, default=False),
    ),
    check=_check_term,
)
ORDERS = Kind(
    "orders",
    gettext_lazy("Orders"),
    Order,
    (
        _ID,
        Field("checkout", cells.line(120), is_required=True),
        Field("placed_at", cells.past_moment, is_required=True),
        Field("status", cells.choice(Order.Status.values), default="paid"),
        Field("amount", cells.amount, is_required=True),
        _CURRENCY,
        Field("refund", cells.amount, default=Decimal(0)),
        Field("serving_cost", cells.amount, default=Decimal(0)),
    ),
    check=_check_order,
)
TRIALS = Kind(
    "trials",
    gettext_lazy("Trials"),
    Trial,
    (
        _ID,
        Field("started_at", cells.past_moment, is_required=True),
        Field("first_paid_at", cells.past_moment),
        Field("amount", cells.amount, default=Decimal(0)),
        Field("is_refunded", cells.flag, default=False),
    ),
    check=_in_order("started_at", "first_paid_at"),
)
COSTS = Kind(
    "costs",
    gettext_lazy("Costs"),
    Cost,
    (
        _ID,
        Field("category", cells.line(80), is_required=True),
        Field("amount", cells.amount, is_required=True),
        _CURRENCY,
        Field("retention_share", cells.share, default=Decimal(1)),
        Field("first_date", cells.day, is_required=True),
        Field("last_date", cells.day, is_required=True),
    ),
    customer="",
    check=_in_order("first_date", "last_date"),
)
TICKETS = Kind(
    "tickets",
    gettext_lazy("Tickets"),
    Ticket,
    (
        _ID,
        Field("requester", cells.line(120), default=""),
        Field("issue", cells.line(120), default=""),
        _CHANNEL,
        Field("opened_at", cells.past_moment, is_required=True),
        Field("first_reply_at", cells.past_moment),
        Field("solved_at", cells.past_moment),
        Field("inbound_contacts", _COUNT, default=1),
        Field("reopened", _COUNT, default=0),
        Field("is_escalated", cells.flag, default=False),
        Field("is_other_department", cells.flag, default=False),
        Field("flag", cells.choice(Ticket.Flag.values), default=""),
    ),
    customer="optional",
    check=_in_order("opened_at", "first_reply_at", "solved_at"),
)
CONTACT_LEGS = Kind(
    "contact-legs",
    gettext_lazy("Parts of contacts"),
    ContactLeg,
    (
        _ID,
        Field("contact", cells.line(120), is_required=True),
        Field("ticket", cells.line(120), default=""),
        Field("ended_at", cells.past_moment, is_required=True),
        _CHANNEL,
        Field("talk_seconds", cells.seconds, default=0.0),
        Field("hold_seconds", cells.seconds, default=0.0),
        Field("wrap_seconds", cells.seconds, default=0.0),
        Field("is_abandoned", cells.flag, default=False),
        Field("concurrency", cells.whole(1, 100), default=1),
        Field("is_bot", cells.flag, default=False),
    ),
    customer="optional",
)
USAGE_EVENTS = Kind(
    "usage-events",
    gettext_lazy("Usage events"),
    UsageEvent,
    (
        _ID,
        Field("user", cells.line(120), is_required=True),
        Field("at", cells.past_moment, is_required=True),
        Field("name", cells.line(80), is_required=True),
        Field("feature", cells.line(80), default=""),
        Field("is_core", cells.flag, default=True),
        Field("is_internal", cells.flag, default=False),
    ),
    customer="optional",
    derive=lambda row: {"day": local_date(row["at"])},
)
ENTITLEMENTS = Kind(
    "entitlements",
    gettext_lazy("Entitlements"),
    Entitlement,
    (
        _ID,
        Field("feature", cells.line(80), default=""),
        Field("first_date", cells.day, is_required=True),
        Field("last_date", cells.day),
        Field("seats", cells.whole(0, 10_000_000)),
    ),
    check=_in_order("first_date", "last_date"),
)
REFERRALS = Kind(
    "referrals",
    gettext_lazy("Referrals"),
    Referral,
    (
        _ID,
        Field("referred", cells.line(254), is_required=True),
        Field("at", cells.past_moment, is_required=True),
        Field("converted_at", cells.past_moment),
        Field("is_customer_already", cells.flag, default=False),
    ),
    customer="optional",
    check=_in_order("at", "converted_at"),
)
EXCHANGE_RATES = Kind(
    "exchange-rates",
    gettext_lazy("Exchange rates"),
    ExchangeRate,
    (
        Field("day", cells.day, is_required=True),
        _CURRENCY,
        Field("to_currency", cells.currency, is_required=True),
        Field("rate", cells.positive_rate, is_required=True),
    ),
    key=("day", "currency", "to_currency"),
    customer="",
)
OPENING_HOURS = Kind(
    "opening-hours",
    gettext_lazy("Opening hours"),
    OpeningHours,
    (
        Field("weekday", cells.whole(0, 6), is_required=True),
        Field("opens", cells.clock, is_required=True),
        Field("closes", cells.clock, is_required=True),
    ),
    key=("weekday", "opens"),
    customer="",
)
HOLIDAYS = Kind(
    "holidays",
    gettext_lazy("Holidays"),
    Holiday,
    (Field("day", cells.day, is_required=True), Field("name", cells.line(80), default="")),
    key=("day",),
    customer="",
)
KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        CUSTOMERS, SUBSCRIPTIONS, TERMS, ORDERS, TRIALS, COSTS, TICKETS, CONTACT_LEGS,
        USAGE_EVENTS, ENTITLEMENTS, REFERRALS, EXCHANGE_RATES, OPENING_HOURS, HOLIDAYS,
    )
}  # fmt: skip
