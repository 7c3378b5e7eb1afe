"""Where the demo company's customers struggle, and who of them is there right now."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from analytics.success.demo_accounts import FEATURES, Account, Rows, iso
from analytics.success.metrics.friction import ERROR, RAGE_CLICK

_WATCHED_DAYS = 75
_BROKEN_DAYS = 18  # since then one button fails more people
_SPOTS = (
    ("bank feeds", "", RAGE_CLICK, "connect bank", 0.008),
    ("reports", "", RAGE_CLICK, "export", 0.004),
    ("reports", "", ERROR, "TypeError chart.js:88", 0.006),
    ("payroll", "", ERROR, "RangeError payroll.js:214", 0.003),
    ("", "/settings/team", RAGE_CLICK, "button", 0.002),
    ("", "/invoices/…/edit", ERROR, "TypeError editor.js:41", 0.003),
)
"""Feature, page, kind, name, and in which share of visits it is met."""
_BROKEN = ("bank feeds", "", RAGE_CLICK, "connect bank", 0.025)
_HERE = 11  # accounts of which people are there now
_MINUTES = 29


def tell_friction(
    a: Account, visits: Iterable[dict[str, Any]], now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield a few rage clicks and errors within the visits of an account."""
    dice = random.Random(f"friction {a.name}")
    since, broken = now - timedelta(days=_WATCHED_DAYS), now - timedelta(days=_BROKEN_DAYS)
    for row in visits:
        at = datetime.fromisoformat(row["at"])
        if row["feature"] or at < since:
            continue  # each visit begins with an event of no feature
        listed = (*_SPOTS, _BROKEN) if at >= broken else _SPOTS
        for number, (feature, page, kind, name, chance) in enumerate(listed):
            if dice.random() < chance:
                moment = at + timedelta(seconds=dice.randrange(20, 400))
                key = f"{row['external_id']}-f{number}"
                met = {"name": name, "feature": feature, "page": page, "kind": kind}
                yield _event(key, row["user"], a.name, moment) | met


def tell_presence(accounts: Sequence[Account], now: datetime, rows: Rows) -> None:
    """Some people at work in the last half hour, so that the live page has something to show."""
    dice = random.Random("presence")
    there = [a for a in accounts if a.people and not (a.left or a.has_only_tried)]
    for a in dice.sample(there, min(_HERE, len(there))):
        for person in dice.sample(a.people, min(2, len(a.people))):
            rows["usage-events"] += _sitting(dice, a, person, now)


def _sitting(
    dice: random.Random, a: Account, person: str, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield what a person does from some minute on: uses, a sign of life a minute, and trouble."""
    begun = dice.randrange(3, _MINUTES)
    for minute in range(begun, 0, -1):
        at = now - timedelta(minutes=minute, seconds=-dice.randrange(50))
        key = f"demo-live-{person}-{begun - minute}"
        yield _event(f"{key}-h", person, a.name, at) | {"name": "heartbeat", "is_core": False}
        if dice.random() < 0.35:
            feature = dice.choices([f for f, _s in FEATURES], [s for _f, s in FEATURES])[0]
            used = {"name": f"used {feature}", "feature": feature}
            yield _event(f"{key}-u", person, a.name, at) | used
        if dice.random() < 0.03:
            feature, page, kind, name, _chance = dice.choice(_SPOTS)
            met = {"name": name, "feature": feature, "page": page, "kind": kind}
            yield _event(f"{key}-f", person, a.name, at) | met


def _event(key: str, person: str, customer: str, at: datetime) -> dict[str, Any]:
    return {"external_id": key, "user": person, "customer": customer, "at": iso(at)}
