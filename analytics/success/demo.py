"""Facts of the demo company's customers: believable, repeatable, and all of them removable."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from analytics.success.conversations import read_due
from analytics.success.demo_conversations import tell_conversation, tell_running
from analytics.success.health import health_facts, measure_all, take_snapshots
from analytics.success.intake import MOST_ROWS, take_in
from analytics.success.kinds import KINDS, Kind
from analytics.success.learning import train_now
from analytics.success.metrics.periods import add_months
from analytics.success.models import (
    AccountNote,
    Conversation,
    Cost,
    ExchangeRate,
    HealthOverride,
    Holiday,
    OpeningHours,
    SatisfactionModel,
)
from outbox.days import local_date, zone
from surveys.models import Contact, Customer

Rows = dict[str, list[dict[str, Any]]]
_SEAT = {"Starter": 19, "Growth": 15, "Scale": 12}
_FEATURES = (("bank feeds", 0.8), ("reports", 0.6), ("payroll", 0.35), ("mobile app", 0.45))
_CAUSES = ("moved to own system", "closed down", "price", "support", "payment", "no reason given")
_NOTES = (
    ("good", "Quarterly talk: happy with bank feeds, wants to add two people next month."),
    ("fair", "Their bookkeeper left; the new one has not been trained yet."),
    ("poor", "Third call about statements that do not match. Asked for the end of the contract."),
    ("good", "Sent us a friend from the trade fair."),
)
_WORDS = (
    ("red", "Their new head of finance prefers another product; decision at the end of the month."),
    ("green", "On parental leave until spring, contract extended by phone. Silence is no sign."),
)
_USAGE_DAYS = 100
_LEAVE_SHARE = 0.32


@dataclass(frozen=True, slots=True)
class _Account:
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


def write_demo(dice: random.Random) -> int:
    """Store facts for all demo customers; return how many."""
    now = timezone.now()
    today = local_date(now)
    rows: Rows = {slug: [] for slug in KINDS}
    for account in _accounts(dice, today):
        if account.has_only_tried:
            _tell_trial(account, rows)
            continue
        _tell_subscription(dice, account, today, rows)
        _tell_support(dice, account, now, rows)
        _tell_usage(dice, account, now, rows)
    _tell_company(dice, today, rows)
    count = sum(_store(KINDS[slug], listed) for slug, listed in rows.items())
    _tell_predictions(rows, now)
    _tell_health(dice, now)
    return count


def _tell_predictions(rows: Rows, now: datetime) -> None:
    """Learn from the ratings of the year, then hear what runs right now."""
    _read_all()
    train_now(is_demo=True)
    _read_all()
    open_ones = [row["customer"] for row in rows["tickets"] if row["solved_at"] is None]
    running = list(tell_running(list(dict.fromkeys(open_ones)), now=now))
    for slug in ("tickets", "messages"):
        _store(KINDS[slug], [row for kind, row in running if kind == slug])
    _read_all()


def _read_all() -> None:
    while read_due():
        pass


def _tell_health(dice: random.Random, now: datetime) -> None:
    """Judgements of those who look after accounts, and how accounts were a month ago."""
    for days in (90, 60, 30):
        then = now - timedelta(days=days)
        take_snapshots(local_date(then), measure_all(health_facts(then)))
    chosen = list(Customer.objects.filter(is_demo=True).order_by("pk"))
    AccountNote.objects.bulk_create(
        AccountNote(customer=customer, pulse=pulse, text=text)
        for customer in dice.sample(chosen, 12)
        for pulse, text in [dice.choice(_NOTES)]
    )
    _say_by_hand(dice, now)


def _say_by_hand(dice: random.Random, now: datetime) -> None:
    """Somebody who knows more than the facts: beside the score of two accounts, until a day."""
    told = [health for health in measure_all(health_facts(now)) if health.band]
    for health, (band, reason) in zip(dice.sample(told, min(2, len(told))), _WORDS, strict=False):
        HealthOverride.objects.create(
            customer_id=health.customer,
            band=band,
            reason=reason,
            by="Mara Lindqvist",
            created_at=now - timedelta(days=3),
            expires_at=now + timedelta(days=25),
        )


def remove_demo() -> None:
    """Delete what does not leave with the demo's customers."""
    for model in (Conversation, SatisfactionModel, Cost, ExchangeRate, Holiday, OpeningHours):
        model.objects.filter(is_demo=True).delete()


def _store(kind: Kind, rows: list[dict[str, Any]]) -> int:
    for start in range(0, len(rows), MOST_ROWS):
        found = take_in(kind, rows[start : start + MOST_ROWS], is_demo=True)
        if found.refusals:
            raise ValueError(f"demo {kind.slug}: {found.refusals[0]}")
    return len(rows)


def _accounts(dice: random.Random, today: date) -> Iterator[_Account]:
    people: dict[int, list[str]] = {}
    contacts = Contact.objects.filter(is_demo=True, customer__isnull=False)
    for email, key in contacts.values_list("email", "customer_id"):
        people.setdefault(key or 0, []).append(email)
    first = today.replace(day=1)
    for customer in Customer.objects.filter(is_demo=True).order_by("external_id"):
        facts = customer.properties
        started = add_months(first, -dice.randrange(2, 31))
        started += timedelta(days=dice.randrange(27))
        age = (today - started).days
        leaves = age > 90 and dice.random() < _LEAVE_SHARE
        left = started + timedelta(days=dice.randrange(45, age)) if leaves else None
        yield _Account(
            customer.external_id,
            facts["plan"],
            int(facts["seats"]),
            facts["country"],
            started,
            left,
            dice.random() < 0.45,
            dice.random() ** 1.5 * (0.5 if left else 1.0),
            tuple(sorted(people.get(customer.pk, ()))),
            age < 400 and dice.random() < 0.2,
        )


# ---- Revenue -------------------------------------------------------------------------


def _tell_trial(a: _Account, rows: Rows) -> None:
    rows["trials"].append(
        {
            "external_id": f"demo-trial-{a.name}",
            "customer": a.name,
            "started_at": (a.started - timedelta(days=14)).isoformat(),
        }
    )


def _tell_subscription(dice: random.Random, a: _Account, today: date, rows: Rows) -> None:
    row = {
        "external_id": f"demo-{a.name}",
        "customer": a.name,
        "plan": a.plan,
        "currency": a.currency,
        "interval": "year" if a.is_yearly else "month",
    }
    seats = max(1, round(a.seats * dice.uniform(0.6, 1.0)))
    has_trial = dice.random() < 0.8
    began = a.started - timedelta(days=14)
    if has_trial:
        rows["trials"].append(
            {
                "external_id": f"demo-trial-{a.name}",
                "customer": a.name,
                "started_at": began.isoformat(),
                "first_paid_at": a.started.isoformat(),
                "amount": a.price(seats),
            }
        )
        rows["subscriptions"].append(
            row | {"at": began.isoformat(), "status": "trialing", "amount": a.price(seats)}
        )
    day = a.started
    end = a.left or today
    while day < end:
        rows["subscriptions"].append(
            row | {"at": day.isoformat(), "status": "active", "amount": a.price(seats)}
        )
        day += timedelta(days=dice.randrange(70, 260))
        growth = dice.choice((-3, -1, 1, 2, 3, 4)) if a.mood < 0.5 else dice.choice((1, 2, 3, 5))
        seats = max(1, seats + growth)
    if a.left:
        rows["subscriptions"].append(
            row
            | {
                "at": a.left.isoformat(),
                "status": "cancelled",
                "amount": a.price(seats),
                "cause": dice.choice(_CAUSES),
            }
        )
    _tell_entitlements(dice, a, row, rows)
    if a.is_yearly:
        _tell_terms(dice, a, seats, today, rows)
    _tell_orders(dice, a, today, rows)


def _tell_entitlements(dice: random.Random, a: _Account, row: dict[str, Any], rows: Rows) -> None:
    held = {"customer": a.name, "last_date": a.left.isoformat() if a.left else None}
    rows["entitlements"].append(
        held
        | {
            "external_id": row["external_id"],
            "first_date": a.started.isoformat(),
            "seats": max(1, len(a.people)),
        }
    )
    for feature, _share in _FEATURES:
        if a.plan != "Starter" or dice.random() < 0.4:
            rows["entitlements"].append(
                held
                | {
                    "external_id": f"{row['external_id']}-{feature}",
                    "feature": feature,
                    "first_date": a.started.isoformat(),
                }
            )


def _tell_terms(dice: random.Random, a: _Account, seats: int, today: date, rows: Rows) -> None:
    """Terms of a year each, up to the one that runs now."""
    for year in range(1, 4):
        due = add_months(a.started, 12 * year) - timedelta(days=1)
        if add_months(due, -12) > today or (a.left and add_months(due, -12) > a.left):
            return
        term = {
            "external_id": f"demo-{a.name}-{year}",
            "customer": a.name,
            "subscription": f"demo-{a.name}",
            "due_date": due.isoformat(),
            "amount": a.price(seats),
            "currency": a.currency,
        }
        if a.left and due >= a.left:
            term["cancelled_date"] = a.left.isoformat()
        elif due < today:
            early = due - timedelta(days=dice.randrange(0, 40))
            term |= {"renewed_date": early.isoformat(), "amount_renewed": a.price(seats + 1)}
        rows["terms"].append(term)


def _tell_orders(dice: random.Random, a: _Account, today: date, rows: Rows) -> None:
    """Training days and set-up help, bought one by one."""
    if dice.random() < 0.5:
        return
    day, number = a.started + timedelta(days=dice.randrange(10, 60)), 0
    while day < (a.left or today) and number < 6:
        number += 1
        rows["orders"].append(
            {
                "external_id": f"demo-{a.name}-{number}",
                "customer": a.name,
                "checkout": f"demo-{a.name}-{number}",
                "placed_at": day.isoformat(),
                "amount": dice.choice((120, 240, 480, 960)),
                "currency": "EUR",
                "serving_cost": 40,
            }
        )
        day += timedelta(days=dice.randrange(20, 200))


# ---- Support -------------------------------------------------------------------------


def _tell_support(dice: random.Random, a: _Account, now: datetime, rows: Rows) -> None:
    until = local_date(now)
    day = max(a.started, until - timedelta(days=395))
    number = 0
    while True:
        day += timedelta(days=max(2, round(dice.expovariate(1 / (11 + 34 * a.mood)))))
        if day.weekday() > 4 and dice.random() < 0.85:  # most people write on working days
            day += timedelta(days=7 - day.weekday())
        if day >= (a.left or until):
            return
        number += 1
        opened = _clock(dice, day)
        key = f"demo-{a.name}-{number}"
        reply = opened + timedelta(hours=dice.expovariate(1 / (2 + 5 * (1 - a.mood))))
        solved = reply + timedelta(hours=dice.expovariate(1 / (6 + 30 * (1 - a.mood))))
        calls = dice.choices((1, 2, 3), (7, 2, 1))[0]
        rows["tickets"].append(
            {
                "external_id": key,
                "customer": a.name,
                "requester": dice.choice(a.people) if a.people else "",
                "issue": f"{key}-issue",
                "channel": dice.choice(("email", "email", "chat", "phone")),
                "opened_at": _iso(opened),
                "first_reply_at": _iso(reply) if reply < now else None,
                "solved_at": _iso(solved) if solved < now and dice.random() < 0.96 else None,
                "inbound_contacts": calls,
                "reopened": int(dice.random() < 0.08 + 0.1 * (1 - a.mood)),
                "is_escalated": dice.random() < 0.06,
            }
        )
        rows["messages"] += tell_conversation(dice, rows["tickets"][-1], mood=a.mood, now=now)
        if reply < now:
            rows["contact-legs"].append(
                {
                    "external_id": f"{key}-leg",
                    "contact": key,
                    "ticket": key,
                    "customer": a.name,
                    "ended_at": _iso(reply),
                    "channel": rows["tickets"][-1]["channel"],
                    "talk_seconds": round(dice.gammavariate(3, 110)),
                    "hold_seconds": round(dice.expovariate(1 / 30)),
                    "wrap_seconds": round(dice.gammavariate(2, 40)),
                }
            )


def _clock(dice: random.Random, day: date) -> datetime:
    at = time(dice.randrange(8, 18), dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, at, zone())


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


# ---- Usage ---------------------------------------------------------------------------


def _tell_usage(dice: random.Random, a: _Account, now: datetime, rows: Rows) -> None:
    """A hundred days of working days; sad accounts fade."""
    until = min(a.left or date.max, local_date(now))
    first = max(a.started, local_date(now) - timedelta(days=_USAGE_DAYS))
    rows["users"] += [
        {
            "external_id": person,
            "customer": a.name,
            "created_at": _iso(datetime.combine(max(a.started, first), time(9), zone())),
            "role": "admin" if person == a.people[0] else "member",
        }
        for person in a.people
        if first < local_date(now)
    ]
    people = [person for person in a.people if dice.random() < 0.2 + 0.75 * a.mood]
    span = max(1, (until - first).days)
    for offset in range(span if until > first else 0):
        day = first + timedelta(days=offset)
        fade = 1 - (0.6 * offset / span if a.mood < 0.35 else 0)
        chance = (0.08 if day.weekday() > 4 else 0.14 + 0.3 * a.mood) * fade
        for person in people:
            if dice.random() < chance:
                rows["usage-events"] += _visit(dice, a, person, day)


def _visit(dice: random.Random, a: _Account, person: str, day: date) -> Iterator[dict[str, Any]]:
    at = _clock(dice, day)
    names = [name for name, share in _FEATURES if dice.random() < share / 2] or [""]
    for number, feature in enumerate(["", *names]):
        yield {
            "external_id": f"demo-{person}-{day:%y%m%d}-{number}",
            "user": person,
            "customer": a.name,
            "at": _iso(at),
            "name": f"used {feature}" if feature else "booked an entry",
            "feature": feature,
        }
        at += timedelta(seconds=dice.expovariate(1 / 420))


# ---- The company itself --------------------------------------------------------------


def _tell_company(dice: random.Random, today: date, rows: Rows) -> None:
    first = today.replace(day=1)
    costs = (("Customer success team", 2600, 1), ("Support team", 3100, 0.4), ("Training", 420, 1))
    for back in range(26):
        month = add_months(first, -back)
        last = add_months(month, 1) - timedelta(days=1)
        rows["costs"] += [
            {
                "external_id": f"demo-{category}-{month}",
                "category": category,
                "amount": round(amount * (1 - back * 0.012)),
                "currency": "EUR",
                "retention_share": share,
                "first_date": month.isoformat(),
                "last_date": last.isoformat(),
            }
            for category, amount, share in costs
        ]
    rows["exchange-rates"] += [
        {
            "day": add_months(first, -back).isoformat(),
            "currency": "SEK",
            "to_currency": "EUR",
            "rate": round(0.087 + dice.uniform(-0.002, 0.002), 4),
        }
        for back in range(32)
    ]
    rows["opening-hours"] += [
        {"weekday": day, "opens": "09:00", "closes": "17:30"} for day in range(5)
    ]
    givers = list(
        Customer.objects.filter(is_demo=True).order_by("pk").values_list("external_id", flat=True)
    )
    for number in range(28):
        at = _clock(dice, today - timedelta(days=dice.randrange(1, 360)))
        converted = at + timedelta(days=dice.randrange(3, 40))
        is_converted = dice.random() < 0.35 and converted.date() < today
        rows["referrals"].append(
            {
                "external_id": f"demo-referral-{number}",
                "customer": dice.choice(givers),
                "referred": f"friend{number}@invited.example",
                "at": _iso(at),
                "converted_at": _iso(converted) if is_converted else None,
            }
        )
