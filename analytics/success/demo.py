"""Facts of the demo company's customers: believable, repeatable, and all of them removable."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from analytics.success.conversations import read_due
from analytics.success.demo_accounts import FEATURES, Rows, accounts
from analytics.success.demo_conversations import tell_running
from analytics.success.demo_friction import tell_friction, tell_presence
from analytics.success.demo_revenue import (
    tell_company,
    tell_prospects,
    tell_subscription,
    tell_trial,
)
from analytics.success.demo_usage import tell_support, tell_usage
from analytics.success.health import health_facts, measure_all, take_snapshots
from analytics.success.intake import MOST_ROWS, take_in
from analytics.success.kinds import KINDS, Kind
from analytics.success.learning import train_now
from analytics.success.models import (
    AccountNote,
    Conversation,
    Cost,
    ExchangeRate,
    HealthOverride,
    Holiday,
    OpeningHours,
    Path,
    SatisfactionModel,
)
from outbox.days import local_date
from surveys.models import Customer

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


def write_demo(dice: random.Random) -> int:
    """Store facts for all demo customers; return how many."""
    now = timezone.now()
    today = local_date(now)
    rows: Rows = {slug: [] for slug in KINDS}
    told = accounts(dice, today)
    for account in told:
        if account.has_only_tried:
            tell_trial(account, rows)
            continue
        tell_subscription(dice, account, today, rows)
        tell_support(dice, account, now, rows)
        so_far = len(rows["usage-events"])
        tell_usage(dice, account, now, rows)
        rows["usage-events"] += tell_friction(account, rows["usage-events"][so_far:], now)
    tell_presence(told, now, rows)
    tell_prospects(dice, today, rows)
    tell_company(dice, today, rows)
    count = sum(_store(KINDS[slug], listed) for slug, listed in rows.items())
    _watch_path()
    _tell_predictions(rows, now)
    _tell_health(dice, now)
    return count


def _watch_path() -> None:
    Path.objects.get_or_create(
        slug="first-steps",
        defaults={
            "name": "First steps",
            "steps": ["booked an entry", *(f"used {feature}" for feature, _share in FEATURES)],
            "is_demo": True,
        },
    )


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
    paying = [health.customer for health in measure_all(health_facts(now))]
    chosen = list(Customer.objects.filter(is_demo=True, pk__in=paying).order_by("pk"))
    AccountNote.objects.bulk_create(
        AccountNote(customer=customer, pulse=pulse, text=text)
        for customer in dice.sample(chosen, min(12, len(chosen)))
        for pulse, text in [dice.choice(_NOTES)]
    )
    _say_by_hand(dice, now)


def _say_by_hand(dice: random.Random, now: datetime) -> None:
    """Somebody who knows more than the facts: beside the score of two accounts, until a day."""
    healths = measure_all(health_facts(now))
    take_snapshots(local_date(now), healths)
    told = [health for health in healths if health.band]
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
    for model in (Path, Conversation, SatisfactionModel, Cost, ExchangeRate, Holiday, OpeningHours):
        model.objects.filter(is_demo=True).delete()


def _store(kind: Kind, rows: list[dict[str, Any]]) -> int:
    for start in range(0, len(rows), MOST_ROWS):
        found = take_in(kind, rows[start : start + MOST_ROWS], is_demo=True)
        if found.refusals:
            raise ValueError(f"demo {kind.slug}: {found.refusals[0]}")
    return len(rows)
