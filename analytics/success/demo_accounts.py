"""The demo company's customers: who they are, when they came, how glad they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from analytics.success.metrics.periods import add_months
from outbox.days import zone
from surveys.models import Contact, Customer

Rows = dict[str, list[dict[str, Any]]]
FEATURES = (("bank feeds", 0.8), ("reports", 0.6), ("payroll", 0.35), ("mobile app", 0.45))
"""Each feature with how often a visit uses it."""
_SEAT = {"Starter": 19, "Growth": 15, "Scale": 12}
_LEAVE_SHARE = 0.26


@dataclass(frozen=True, slots=True)
class Account:
    """One demo customer and how its story goes; `left` is None while it stays."""

    name: str
    plan: str
    seats: int
    country: str
    started: date
    left: date | None
    is_yearly: bool
    mood: float  # 0 sad .. 1 happy: usage, tickets and renewals follow it
    people: tuple[str, ...]
    has_only_tried: bool = False

    @property
    def currency(self) -> str:
        return "SEK" if self.country == "SE" else "EUR"

    def price(self, seats: int) -> int:
        factor = 11 if self.currency == "SEK" else 1
        return seats * _SEAT[self.plan] * factor * (10 if self.is_yearly else 1)


def accounts(dice: random.Random, today: date) -> list[Account]:
    """Return all of them; the saddest that would have stayed leaves in the month just over."""
    told = list(_accounts(dice, today))
    before = add_months(today.replace(day=1), -1)
    stay = [a for a in told if not (a.left or a.has_only_tried) and (before - a.started).days > 90]
    if stay:
        saddest = min(stay, key=lambda account: account.mood)
        told[told.index(saddest)] = replace(saddest, left=before + timedelta(days=11))
    return told


def _accounts(dice: random.Random, today: date) -> Iterator[Account]:
    people: dict[int, list[str]] = {}
    contacts = Contact.objects.filter(is_demo=True, customer__isnull=False)
    for email, key in contacts.values_list("email", "customer_id"):
        people.setdefault(key or 0, []).append(email)
    first = today.replace(day=1)
    for customer in Customer.objects.filter(is_demo=True).order_by("external_id"):
        facts = customer.properties
        # answers reach back a year: most accounts are older than that
        months = dice.randrange(13, 37) if dice.random() < 0.7 else dice.randrange(1, 13)
        started = add_months(first, -months)
        started += timedelta(days=dice.randrange(27))
        age = (today - started).days
        leaves = age > 90 and dice.random() < _LEAVE_SHARE
        left = started + timedelta(days=dice.randrange(45, age)) if leaves else None
        yield Account(
            customer.external_id,
            facts["plan"],
            int(facts["seats"]),
            facts["country"],
            started,
            left,
            dice.random() < 0.65,
            dice.random() ** 1.5 * (0.5 if left else 1.0),
            tuple(sorted(people.get(customer.pk, ()))),
            age < 400 and dice.random() < 0.2,
        )


def clock(dice: random.Random, day: date) -> datetime:
    """Return a moment of a working day."""
    at = time(dice.randrange(8, 18), dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, at, zone())


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
