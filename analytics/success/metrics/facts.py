"""The plain rows every customer-success metric reads.

Instants are aware datetimes, days are local dates of the workspace's zone,
money is Decimal, spells and periods are half-open: [start, stop). Internal,
test, spam and merged records are kept out by whoever builds these rows,
unless a flag here says the metric decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Id = str | int
Rates = Mapping[str, Decimal]
"""Currency code -> units of the base currency for one unit; the base itself may be left out."""


@dataclass(frozen=True, slots=True)
class PaidSpell:
    """A customer paid (MRR above 0) from `start` until, not including, `stop`.

    `stop` None is still running. `cause` says why it ended, if known:
    "voluntary" or "payment".
    """

    customer: Id
    start: datetime
    stop: datetime | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One contract term; `due` is the last covered local day."""

    id: Id
    due: date
    amount_due: Decimal
    renewed: date | None = None
    amount_renewed: Decimal | None = None
    cancelled: date | None = None
    is_refunded: bool = False
    is_monthly: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One subscription as it stands at an instant.

    `amount` is per unit and period including `tax`; `discount` is a fraction
    0..1, `discount_amount` money off each charge: they count only if
    `is_forever`.
    """

    id: Id
    customer: Id
    amount: Decimal
    currency: str
    interval: str
    interval_count: int = 1
    quantity: int = 1
    status: str = "active"
    tax: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    is_forever: bool = False
    is_metered: bool = False
    discount_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CustomerMrr:
    """One customer's monthly revenue at both ends of a period, in one currency.

    `changes` are the single steps between, in order, which add up to
    `end - start`; they matter only for gross movements.
    """

    customer: Id
    start: Decimal
    end: Decimal
    has_paid_before: bool = False
    changes: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """Money spent; shares (0..1) of it went into keeping and into winning customers.

    `first`..`after` are the half-open days it covers; None is the period asked for.
    """

    category: str
    amount: Decimal
    currency: str
    retention_share: Decimal = Decimal(1)
    first: date | None = None
    after: date | None = None
    acquisition_share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Order:
    """One order line of a checkout; only status "paid" qualifies."""

    customer: Id
    checkout: Id
    day: date
    status: str = "paid"
    amount: Decimal = Decimal(0)
    refund: Decimal = Decimal(0)
    serving_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Referral:
    """A customer (or lead) named a person; `is_converted` once that person paid."""

    id: Id
    referrer: Id
    is_by_customer: bool
    referred: Id
    is_customer_already: bool
    day: date
    is_converted: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """A free trial and the first payment after it, if any.

    `window_days` is this trial's own time to convert; None takes the one asked for.
    """

    id: Id
    customer: Id
    started: date
    first_paid: date | None = None
    amount: Decimal = Decimal(0)
    is_refunded: bool = False
    is_internal: bool = False
    window_days: int | None = None


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """A person did something; only core events make an active user."""

    user: Id
    at: datetime
    is_core: bool = True
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class SeatWeek:
    """One customer's interval: paid seats and seats with a core event.

    `active` None means tracking was down, which is not the same as silence.
    """

    customer: Id
    week: int
    seats: int
    active: int | None


@dataclass(frozen=True, slots=True)
class FeatureUser:
    """One user's days of using a feature, a day repeated for each use.

    `eligible_from` is the later of launch and entitlement; None is not entitled.
    """

    user: Id
    eligible_from: date | None
    use_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One support ticket; `flag` is "", "spam", "merged", "outbound" or "abandoned".

    `business_seconds` from opening to solution are needed for the mail rule only.
    """

    id: Id
    customer: Id
    issue: str
    opened: datetime
    solved: datetime | None
    inbound_contacts: int = 1
    reopened: int = 0
    is_escalated: bool = False
    flag: str = ""
    channel: str = ""
    is_other_department: bool = False
    business_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One agent's part of a contact; durations are seconds."""

    contact: Id
    channel: str
    talk: float
    hold: float
    wrap: float
    is_abandoned: bool = False
    concurrency: int = 1
    is_bot: bool = False
