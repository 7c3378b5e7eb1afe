"""Every kind of fact there is, by the name it is sent under."""

from __future__ import annotations

from analytics.success.kind import Kind
from analytics.success.revenue_kinds import (
    COSTS,
    CUSTOMERS,
    EXCHANGE_RATES,
    ORDERS,
    SUBSCRIPTIONS,
    TERMS,
    TRIALS,
)
from analytics.success.service_kinds import (
    CONTACT_LEGS,
    ENTITLEMENTS,
    HOLIDAYS,
    MESSAGES,
    OPENING_HOURS,
    REFERRALS,
    TICKETS,
    USAGE_EVENTS,
    USERS,
)

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        CUSTOMERS, SUBSCRIPTIONS, TERMS, ORDERS, TRIALS, COSTS, TICKETS, CONTACT_LEGS, MESSAGES,
        USERS,
        USAGE_EVENTS, ENTITLEMENTS, REFERRALS, EXCHANGE_RATES, OPENING_HOURS, HOLIDAYS,
    )
}  # fmt: skip
