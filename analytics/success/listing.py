"""Which accounts there are and in which order: judged now, or kept where they are too many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Min, QuerySet, Sum

from analytics.success.health import Health, health_facts, measure_all
from analytics.success.kept import Age
from analytics.success.metrics.health import has_fallen
from analytics.success.models import KeptAccount
from analytics.success.queries import Facts
from analytics.success.renewals_due import due_dates
from analytics.success.told import told_since, told_so_far
from outbox.transactions import write

SOON = timedelta(days=60)
KINDS = ("subscriptions", "usage-events", "entitlements", "tickets", "users", "terms",
         "exchange-rates", "customers")  # fmt: skip
"""The kinds of facts health and risk are made of."""
_MANY = 1000  # rows a statement


@dataclass(frozen=True, slots=True)
class Listing:
    """Some accounts in their order, of `total` that were asked for; `age` None: judged now.

    `at_risk` and `money` are of all accounts, whichever were asked for.
    """

    facts: Facts
    healths: Sequence[Health]
    due: Mapping[int, date]
    total: int
    at_risk: int = 0
    money: Decimal = Decimal(0)
    has_any: bool = True
    age: Age | None = None


def is_at_risk(health: Health, due: date | None, today: date) -> bool:
    """Poor health, a fall of 15 points in 30 days, or a term ending soon without good health."""
    if health.shown == "red":
        return True
    if health.change and has_fallen(health.change.after, health.change.before):
        return True
    is_soon = due is not None and due <= today + SOON
    return is_soon and health.shown != "green"


def by_money(*, only_at_risk: bool, by_due: bool, most: int) -> Listing:
    """Return the first accounts by money, or by the end of their term."""
    kept = KeptAccount.objects.all()
    if not kept.exists():
        return _judged_by_money(only_at_risk=only_at_risk, by_due=by_due, most=most)
    money, day = F("mrr").desc(nulls_last=True), F("due_date").asc(nulls_last=True)
    order = (day, money) if by_due else (money, day)
    risky = kept.filter(is_at_risk=True)
    rows = risky if only_at_risk else kept
    found = _shown(rows.order_by(*order, "customer_id"), 0, most)
    return Listing(
        *found,
        total=rows.count(),
        at_risk=risky.count(),
        money=risky.aggregate(money=Sum("mrr"))["money"] or Decimal(0),
        age=_age(kept),
    )


def _judged_by_money(*, only_at_risk: bool, by_due: bool, most: int) -> Listing:
    facts = health_facts()
    healths, due = measure_all(facts), due_dates(facts.today)
    risky = [h for h in healths if is_at_risk(h, due.get(h.customer), facts.today)]

    def order(health: Health) -> tuple[Any, ...]:
        day, money = due.get(health.customer) or date.max, -(health.mrr or 0)
        return (day, money, health.customer) if by_due else (money, day, health.customer)

    found = sorted(risky if only_at_risk else healths, key=order)
    money = sum((health.mrr or Decimal(0) for health in risky), Decimal(0))
    return Listing(
        facts, found[:most], due, len(found), len(risky), money, has_any=bool(healths)
    )  # fmt: skip


def by_health(*, band: str, offset: int, limit: int) -> Listing:
    """Return accounts by health, the poorest first; `band` "" is all, "none" without a score."""
    kept = KeptAccount.objects.all()
    if kept.exists():
        rows = kept.filter(shown="" if band == "none" else band) if band else kept
        order = (F("score").asc(nulls_last=True), "customer_id")
        return Listing(*_shown(rows.order_by(*order), offset, limit), rows.count(), age=_age(kept))
    facts = health_facts()
    found = [h for h in measure_all(facts) if band in ("", h.shown or "none")]
    return Listing(facts, found[offset : offset + limit], due_dates(facts.today), len(found))


def health_of(customer: int) -> tuple[Facts, Health | None]:
    """Return one account's health now, None where it pays nothing."""
    facts = health_facts(only=[customer])
    return facts, next(iter(measure_all(facts)), None)


# ---- All of them, a part at a time ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts: of a band as shown ("none": without one, "": any), at risk or not."""

    band: str = ""
    at_risk: bool | None = None

    def wants(self, health: Health, due: date | None, today: date) -> bool:
        is_of_band = self.band in ("", health.shown or "none")
        return is_of_band and self.at_risk in (None, is_at_risk(health, due, today))

    def kept(self) -> QuerySet[KeptAccount]:
        rows = KeptAccount.objects.all()
        if self.band:
            rows = rows.filter(shown="" if self.band == "none" else self.band)
        return rows if self.at_risk is None else rows.filter(is_at_risk=self.at_risk)


@dataclass(frozen=True, slots=True)
class Turn:
    """Some accounts, and the last of them (its customer) where others follow."""

    facts: Facts
    healths: Sequence[Health]
    due: Mapping[int, date]
    last: int | None


def in_turn(asked: Asked, *, after: int | None = None) -> Turn:
    """Return accounts in the order of their keys; of a large workspace a thousand at a time."""
    if not KeptAccount.objects.exists():
        facts = health_facts()
        healths, due, last = _wanted(asked, facts), due_dates(facts.today), None
    else:
        rows = asked.kept().filter(customer_id__gt=after or 0).order_by("customer_id")
        keys = list(rows.values_list("customer_id", flat=True)[:_MANY])
        facts = health_facts(only=keys)
        healths, due = measure_all(facts), due_dates(facts.today, only=keys)
        last = keys[-1] if len(keys) == _MANY else None
    return Turn(facts, sorted(healths, key=lambda health: health.customer), due, last)


def count_of(asked: Asked) -> int:
    kept = KeptAccount.objects.exists()
    return asked.kept().count() if kept else len(_wanted(asked, health_facts()))


def _wanted(asked: Asked, facts: Facts) -> list[Health]:
    due = due_dates(facts.today)
    found = measure_all(facts)
    return [h for h in found if asked.wants(h, due.get(h.customer), facts.today)]


# ---- Kept ----------------------------------------------------------------------------


def _shown(
    rows: QuerySet[KeptAccount], offset: int, limit: int
) -> tuple[Facts, list[Health], dict[int, date]]:
    """Judge the accounts of one page anew, in the order that was kept."""
    keys = list(rows.values_list("customer_id", flat=True)[offset : offset + limit])
    facts = health_facts(only=keys)
    healths = {health.customer: health for health in measure_all(facts)}
    return facts, [healths[k] for k in keys if k in healths], due_dates(facts.today, only=keys)


def _age(rows: QuerySet[KeptAccount]) -> Age | None:
    oldest = rows.aggregate(at=Min("computed_at"), told=Min("told"))
    return Age(oldest["at"], max(0, _told() - oldest["told"])) if oldest["at"] else None


def _told() -> int:
    return told_since({}, told_so_far(), KINDS)


def judge_again(customers: Iterable[int]) -> tuple[Facts, list[Health]]:
    """Judge some accounts and keep where they stand; those that pay nothing leave the list."""
    told = _told()  # before any fact is read
    facts = health_facts(only=list(customers))
    healths, due = measure_all(facts), due_dates(facts.today, only=facts.only)
    rows = [
        KeptAccount(
            customer_id=health.customer,
            mrr=health.mrr,
            due_date=due.get(health.customer),
            score=health.score,
            shown=health.shown or "",
            is_at_risk=is_at_risk(health, due.get(health.customer), facts.today),
            told=told,
            computed_at=facts.as_of,
        )
        for health in healths
    ]
    with write():
        KeptAccount.objects.filter(customer__any_of=facts.only).delete()
        KeptAccount.objects.bulk_create(rows, batch_size=_MANY)
    return facts, healths


def note_change(customer: int) -> None:
    """Let what a person said of an account count in the list at once."""
    if KeptAccount.objects.exists():
        judge_again([customer])
