"""What the demo company's customers do with the product, and how they are helped."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from analytics.success.demo_accounts import FEATURES, Account, Rows, clock, iso
from analytics.success.demo_conversations import tell_conversation
from outbox.days import local_date, zone

_USAGE_DAYS = 100


# ---- Support -------------------------------------------------------------------------


def tell_support(dice: random.Random, a: Account, now: datetime, rows: Rows) -> None:
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
        opened = clock(dice, day)
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
                "opened_at": iso(opened),
                "first_reply_at": iso(reply) if reply < now else None,
                "solved_at": iso(solved) if solved < now and dice.random() < 0.96 else None,
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
                    "ended_at": iso(reply),
                    "channel": rows["tickets"][-1]["channel"],
                    "talk_seconds": round(dice.gammavariate(3, 110)),
                    "hold_seconds": round(dice.expovariate(1 / 30)),
                    "wrap_seconds": round(dice.gammavariate(2, 40)),
                }
            )


# ---- Usage ---------------------------------------------------------------------------


def tell_usage(dice: random.Random, a: Account, now: datetime, rows: Rows) -> None:
    """A hundred days of working days; people join bit by bit, sad accounts fade."""
    until = min(a.left or date.max, local_date(now))
    first = max(a.started, local_date(now) - timedelta(days=_USAGE_DAYS))
    days = max(1, (local_date(now) - first).days)
    joined = {
        person: first + timedelta(days=0 if dice.random() < 0.5 else dice.randrange(days))
        for person in a.people
    }
    rows["users"] += [
        {
            "external_id": person,
            "customer": a.name,
            "created_at": iso(datetime.combine(joined[person], time(8), zone())),
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
            if joined[person] <= day and dice.random() < chance:
                rows["usage-events"] += _visit(dice, a, person, day)


def _visit(dice: random.Random, a: Account, person: str, day: date) -> Iterator[dict[str, Any]]:
    at = clock(dice, day)
    names = [name for name, share in FEATURES if dice.random() < share / 2] or [""]
    for number, feature in enumerate(["", *names]):
        yield {
            "external_id": f"demo-{person}-{day:%y%m%d}-{number}",
            "user": person,
            "customer": a.name,
            "at": iso(at),
            "name": f"used {feature}" if feature else "booked an entry",
            "feature": feature,
        }
        at += timedelta(seconds=dice.expovariate(1 / 420))
