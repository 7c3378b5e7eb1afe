"""Facts about use and support: users, events, entitlements, referrals, tickets, contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.success import cells
from analytics.success.kind import CHANNEL, ID, Field, Flaw, Kind, Row, in_order
from analytics.success.listening import messages_changed, tickets_changed
from analytics.success.models import (
    ContactLeg,
    ConversationMessage,
    Entitlement,
    Holiday,
    OpeningHours,
    ProductUser,
    Referral,
    Ticket,
    UsageEvent,
)
from outbox.days import local_date

_COUNT = cells.whole(0, 32_000)

_in_order = in_order("opened_at", "first_reply_at", "solved_at")


def _check_ticket(row: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from _in_order(row)
    yield from in_order("opened_at", "rated_at")(row)
    if row["rating"] and row["rated_at"] is None:
        yield "rated_at", _("is missing: a rating has a time")
    if row["rated_at"] is not None and not row["rating"]:
        yield "rating", _("is missing: what was said at this time?")


def _derive_event(row: Mapping[str, Any]) -> Row:
    """Return the day, and that where somebody struggled nobody was active by that."""
    return {"day": local_date(row["at"]), "is_core": row["is_core"] and not row["kind"]}


def _check_message(row: Mapping[str, Any]) -> Iterator[Flaw]:
    if not row["text"] and not row["event"]:
        yield "text", _("is missing; only solved and reopened go without words")
    if row["text"] and row["event"]:
        yield "event", _("a message has words, an event has none; send two rows")


TICKETS = Kind(
    "tickets",
    gettext_lazy("Tickets"),
    Ticket,
    (
        ID,
        Field("requester", cells.line(120), default=""),
        Field("issue", cells.line(120), default=""),
        CHANNEL,
        Field("opened_at", cells.past_moment, is_required=True),
        Field("first_reply_at", cells.past_moment),
        Field("solved_at", cells.past_moment),
        Field("inbound_contacts", _COUNT, default=1),
        Field("reopened", _COUNT, default=0),
        Field("is_escalated", cells.flag, default=False),
        Field("is_other_department", cells.flag, default=False),
        Field("flag", cells.choice(Ticket.Flag.values), default=""),
        Field("rating", cells.choice(Ticket.Rating.values), default=""),
        Field("rated_at", cells.past_moment),
    ),
    customer="optional",
    check=_check_ticket,
    after=tickets_changed,
    when="opened_at",
)
MESSAGES = Kind(
    "messages",
    gettext_lazy("Messages of conversations"),
    ConversationMessage,
    (
        ID,
        Field("ticket", cells.line(120), is_required=True),
        Field("at", cells.past_moment, is_required=True),
        Field("who", cells.choice(ConversationMessage.Who.values), is_required=True),
        Field("event", cells.choice(ConversationMessage.Event.values), default=""),
        Field("text", cells.passage(20_000), default=""),
    ),
    customer="optional",
    check=_check_message,
    after=messages_changed,
    when="at",
)
CONTACT_LEGS = Kind(
    "contact-legs",
    gettext_lazy("Parts of contacts"),
    ContactLeg,
    (
        ID,
        Field("contact", cells.line(120), is_required=True),
        Field("ticket", cells.line(120), default=""),
        Field("ended_at", cells.past_moment, is_required=True),
        CHANNEL,
        Field("talk_seconds", cells.seconds, default=0.0),
        Field("hold_seconds", cells.seconds, default=0.0),
        Field("wrap_seconds", cells.seconds, default=0.0),
        Field("is_abandoned", cells.flag, default=False),
        Field("concurrency", cells.whole(1, 100), default=1),
        Field("is_bot", cells.flag, default=False),
    ),
    customer="optional",
    when="ended_at",
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
    when="day",
)
USERS = Kind(
    "users",
    gettext_lazy("Users of the product"),
    ProductUser,
    (
        ID,
        Field("created_at", cells.past_moment),
        Field("role", cells.line(80), default=""),
        Field("language", cells.line(20), default=""),
        Field("zone", cells.zone, default=""),
        Field("is_internal", cells.flag, default=False),
    ),
    customer="optional",
    keeps_missing=True,
    when="created_at",
)
USAGE_EVENTS = Kind(
    "usage-events",
    gettext_lazy("Usage events"),
    UsageEvent,
    (
        ID,
        Field("user", cells.line(120), is_required=True),
        Field("at", cells.past_moment, is_required=True),
        Field("name", cells.line(80), is_required=True),
        Field("feature", cells.line(80), default=""),
        Field("kind", cells.choice(UsageEvent.Kind.values), default=""),
        Field("page", cells.line(120), default=""),
        Field("is_core", cells.flag, default=True),
        Field("is_internal", cells.flag, default=False),
    ),
    customer="optional",
    derive=_derive_event,
    when="at",
)
ENTITLEMENTS = Kind(
    "entitlements",
    gettext_lazy("Entitlements"),
    Entitlement,
    (
        ID,
        Field("feature", cells.line(80), default=""),
        Field("first_date", cells.day, is_required=True),
        Field("last_date", cells.day),
        Field("seats", cells.whole(0, 10_000_000)),
    ),
    check=in_order("first_date", "last_date"),
    when="first_date",
)
REFERRALS = Kind(
    "referrals",
    gettext_lazy("Referrals"),
    Referral,
    (
        ID,
        Field("referred", cells.line(254), is_required=True),
        Field("at", cells.past_moment, is_required=True),
        Field("converted_at", cells.past_moment),
        Field("is_customer_already", cells.flag, default=False),
    ),
    customer="optional",
    check=in_order("at", "converted_at"),
    when="at",
)
