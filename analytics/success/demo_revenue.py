"""What the demo company's customers pay, try, buy and cost."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from analytics.success.demo_accounts import FEATURES, Account, Rows, clock, iso
from analytics.success.metrics.periods import add_months
from surveys.models import Customer

_PROSPECTS = tuple(
    (first, second)
    for second in ("Sons", "Partners", "Daughters", "Company")
    for first in "Ashdown Bramble Corrie Dunmore Ferris Hallam Ketter Marlow Orrin Pell".split()
)
_CAUSES = ("moved to own system", "closed down", "price", "support", "payment", "no reason given")


def tell_trial(a: Account, rows: Rows) -> None:
    rows["trials"].append(
        {
            "external_id": f"demo-trial-{a.name}",
            "customer": a.name,
            "started_at": (a.started - timedelta(days=14)).isoformat(),
        }
    )


def tell_prospects(dice: random.Random, today: date, rows: Rows) -> None:
    """A few every month who tried and did not buy."""
    for number, (first, second) in enumerate(_PROSPECTS):
        started = today - timedelta(days=5 + 9 * number + dice.randrange(9))
        name = f"K-{2001 + number}"
        rows["customers"].append({"external_id": name, "name": f"{first} & {second}"})
        rows["trials"].append(
            {
                "external_id": f"demo-trial-{name}",
                "customer": name,
                "started_at": started.isoformat(),
            }
        )


def tell_subscription(dice: random.Random, a: Account, today: date, rows: Rows) -> None:
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


def _tell_entitlements(dice: random.Random, a: Account, row: dict[str, Any], rows: Rows) -> None:
    held = {"customer": a.name, "last_date": a.left.isoformat() if a.left else None}
    rows["entitlements"].append(
        held
        | {
            "external_id": row["external_id"],
            "first_date": a.started.isoformat(),
            "seats": max(1, len(a.people)),
        }
    )
    for feature, _share in FEATURES:
        if a.plan != "Starter" or dice.random() < 0.4:
            rows["entitlements"].append(
                held
                | {
                    "external_id": f"{row['external_id']}-{feature}",
                    "feature": feature,
                    "first_date": a.started.isoformat(),
                }
            )


def _tell_terms(dice: random.Random, a: Account, seats: int, today: date, rows: Rows) -> None:
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


def _tell_orders(dice: random.Random, a: Account, today: date, rows: Rows) -> None:
    """Training days and set-up help, bought one by one."""
    if dice.random() < 0.5:
        return
    day, number = a.started + timedelta(days=dice.randrange(10, 60)), 0
    while day < (a.left or today) and number < 16:
        number += 1
        amount = dice.choice((120, 240, 480, 960))
        rows["orders"].append(
            {
                "external_id": f"demo-{a.name}-{number}",
                "customer": a.name,
                "checkout": f"demo-{a.name}-{number}",
                "placed_at": day.isoformat(),
                "amount": amount,
                "currency": "EUR",
                "refund": dice.choice((amount, amount // 2)) if dice.random() < 0.07 else 0,
                "serving_cost": 40,
            }
        )
        day += timedelta(days=dice.randrange(6, 90))


# ---- The company itself --------------------------------------------------------------


def tell_company(dice: random.Random, today: date, rows: Rows) -> None:
    first = today.replace(day=1)
    costs = (
        ("Customer success team", 2600, 1, 0),
        ("Support team", 3100, 0.4, 0),
        ("Training", 420, 1, 0),
        ("Advertising", 900, 0, 1),
        ("Sales team", 2400, 0.25, 0.75),
    )
    for back in range(26):
        month = add_months(first, -back)
        last = add_months(month, 1) - timedelta(days=1)
        rows["costs"] += [
            {
                "external_id": f"demo-{category}-{month}",
                "category": category,
                "amount": round(amount * (1 - back * 0.012)),
                "currency": "EUR",
                "retention_share": kept,
                "acquisition_share": won,
                "first_date": month.isoformat(),
                "last_date": last.isoformat(),
            }
            for category, amount, kept, won in costs
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
        at = clock(dice, today - timedelta(days=dice.randrange(1, 360)))
        converted = at + timedelta(days=dice.randrange(3, 40))
        is_converted = dice.random() < 0.35 and converted.date() < today
        rows["referrals"].append(
            {
                "external_id": f"demo-referral-{number}",
                "customer": dice.choice(givers),
                "referred": f"friend{number}@invited.example",
                "at": iso(at),
                "converted_at": iso(converted) if is_converted else None,
            }
        )
