"""Facts about customers and money: subscriptions, terms, orders, trials, costs, rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.success import cells
from analytics.success.kind import CURRENCY, ID, Field, Flaw, Kind, Row, in_order
from analytics.success.metrics.facts import Plan
from analytics.success.metrics.recurring import monthly_amount
from analytics.success.models import Cost, ExchangeRate, Order, SubscriptionState, Term, Trial
from surveys.models import Customer


def _check_subscription(row: Mapping[str, Any]) -> Iterator[Flaw]:
    if row["tax"] > row["amount"]:
        yield "tax", _("the tax is more than the amount, which includes it")
    if row["discount"] and row["discount_amount"]:
        yield "discount_amount", _("send the discount as a share or as an amount, not both")
    asked = row["cancel_requested_at"]
    if asked is not None and row["status"] == "cancelled" and asked > row["at"]:
        yield "cancel_requested_at", _("cancelled before the cancellation was asked for")


def _monthly(row: Mapping[str, Any]) -> Row:
    names = ("amount", "currency", "interval", "interval_count", "quantity", "status", "tax")
    plan = Plan(
        id=row["external_id"],
        customer="",
        discount=row["discount"],
        discount_amount=row["discount_amount"],
        is_forever=row["is_forever"],
        is_metered=row["is_metered"],
        **{name: row[name] for name in names},
    )
    return {"monthly": monthly_amount(plan).quantize(Decimal("1e-10"))}


def _check_term(row: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from in_order("first_date", "due_date")(row)
    if row["renewed_date"] is None and row["amount_renewed"] is not None:
        yield "amount_renewed", _("an amount was renewed, but renewed_date is missing")


def _check_order(row: Mapping[str, Any]) -> Iterator[Flaw]:
    if row["refund"] > row["amount"]:
        yield "refund", _("more was refunded than paid")


def _check_cost(row: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from in_order("first_date", "last_date")(row)
    if row["retention_share"] + row["acquisition_share"] > 1:
        yield "acquisition_share", _("more than all of it: retention_share is 1 unless you send it")


CUSTOMERS = Kind(
    "customers",
    gettext_lazy("Customers"),
    Customer,
    (
        ID,
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
        ID,
        Field("at", cells.moment, is_required=True),
        Field("status", cells.choice(SubscriptionState.Status.values), is_required=True),
        Field("plan", cells.line(120), default=""),
        Field("amount", cells.amount, is_required=True),
        CURRENCY,
        Field("quantity", cells.whole(0, 10_000_000), default=1),
        Field("interval", cells.choice(SubscriptionState.Interval.values), default="month"),
        Field("interval_count", cells.whole(1, 120), default=1),
        Field("tax", cells.amount, default=Decimal(0)),
        Field("discount", cells.share, default=Decimal(0)),
        Field("discount_amount", cells.amount, default=Decimal(0)),
        Field("is_forever", cells.flag, default=False),
        Field("is_metered", cells.flag, default=False),
        Field("cause", cells.line(200), default=""),
        Field("cancel_requested_at", cells.moment),
    ),
    key=("external_id", "at"),
    check=_check_subscription,
    derive=_monthly,
    when="at",
)
TERMS = Kind(
    "terms",
    gettext_lazy("Terms"),
    Term,
    (
        ID,
        Field("subscription", cells.line(120), default=""),
        Field("first_date", cells.day),
        Field("due_date", cells.day, is_required=True),
        Field("amount", cells.amount, is_required=True),
        CURRENCY,
        Field("renewed_date", cells.day),
        Field("amount_renewed", cells.amount),
        Field("cancelled_date", cells.day),
        Field("is_refunded", cells.flag, default=False),
        Field("is_monthly", cells.flag, default=False),
    ),
    check=_check_term,
    spans=("subscription", "first_date", "due_date"),
    when="due_date",
)
ORDERS = Kind(
    "orders",
    gettext_lazy("Orders"),
    Order,
    (
        ID,
        Field("checkout", cells.line(120), is_required=True),
        Field("placed_at", cells.past_moment, is_required=True),
        Field("status", cells.choice(Order.Status.values), default="paid"),
        Field("amount", cells.amount, is_required=True),
        CURRENCY,
        Field("refund", cells.amount, default=Decimal(0)),
        Field("serving_cost", cells.amount, default=Decimal(0)),
    ),
    check=_check_order,
    when="placed_at",
)
TRIALS = Kind(
    "trials",
    gettext_lazy("Trials"),
    Trial,
    (
        ID,
        Field("started_at", cells.past_moment, is_required=True),
        Field("ends_at", cells.moment),
        Field("first_paid_at", cells.past_moment),
        Field("amount", cells.amount, default=Decimal(0)),
        Field("is_refunded", cells.flag, default=False),
    ),
    check=in_order("started_at", "ends_at", "first_paid_at"),
    when="started_at",
)
COSTS = Kind(
    "costs",
    gettext_lazy("Costs"),
    Cost,
    (
        ID,
        Field("category", cells.line(80), is_required=True),
        Field("amount", cells.amount, is_required=True),
        CURRENCY,
        Field("retention_share", cells.share, default=Decimal(1)),
        Field("acquisition_share", cells.share, default=Decimal(0)),
        Field("first_date", cells.day, is_required=True),
        Field("last_date", cells.day, is_required=True),
    ),
    customer="",
    check=_check_cost,
    when="first_date",
)
EXCHANGE_RATES = Kind(
    "exchange-rates",
    gettext_lazy("Exchange rates"),
    ExchangeRate,
    (
        Field("day", cells.day, is_required=True),
        CURRENCY,
        Field("to_currency", cells.currency, is_required=True),
        Field("rate", cells.positive_rate, is_required=True),
    ),
    key=("day", "currency", "to_currency"),
    customer="",
    when="day",
)
