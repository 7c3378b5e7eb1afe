"""Raising warning signs and ending those that are over: repeatable, a batch of accounts at a time.

What the rules decide is decided again under a lock of the accounts it touches, so
that two workers who look at once raise nothing twice.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from analytics.care import confirming
from analytics.care.evidence import accounts_on
from analytics.care.models import AccountOwner, WarningSign
from analytics.care.playbooks import start_for
from analytics.care.rules import DAYS_TO_ACT, Account, Decision, Found, Past, decide, rows_of
from analytics.success.models import Conversation
from outbox.days import local_date
from outbox.transactions import write
from surveys.models import Customer

log = logging.getLogger(__name__)
BATCH = 2000  # customers
_REMEMBERED = timedelta(days=400)  # a dismissed sign keeps its term quiet at least for a year


def look(first: int, last: int, *, now: datetime | None = None) -> int:
    """Look at the customers of these primary keys, both included; return how many signs rose."""
    at = now or timezone.now()
    return sum(_look_at(keys, at) for keys in _batches(first, last))


def _batches(first: int, last: int) -> Iterator[list[int]]:
    rows = Customer.objects.filter(is_internal=False).order_by("pk").values_list("pk", flat=True)
    while batch := list(rows.filter(pk__range=(first, last))[:BATCH]):
        yield batch
        first = batch[-1] + 1


def _look_at(customers: Sequence[int], now: datetime) -> int:
    today = local_date(now)
    accounts = accounts_on(today, customers, now=now)
    decisions = _decisions(accounts, today, now)
    raised = 0
    if touched := sorted(decisions):
        with write():
            # The row that is locked is one that is there, or two might raise the first sign.
            locked = Customer.objects.select_for_update(no_key=True).filter(pk__any_of=touched)
            list(locked.order_by("pk").values_list("pk"))
            again = _decisions({key: accounts[key] for key in touched}, today, now)
            raised = len(_raise(again, now))
            _renew_and_end(again, now)
    confirming.confirm(customers, now)
    return raised


def _decisions(accounts: Mapping[int, Account], today: date, now: datetime) -> dict[int, Decision]:
    """Return what is to be done, of accounts where anything is."""
    past = _past(list(accounts), now)
    found = {key: decide(account, past.get(key, ()), today) for key, account in accounts.items()}
    return {key: one for key, one in found.items() if one != Decision()}


def _past(customers: Sequence[int], now: datetime) -> Mapping[int, list[Past]]:
    rows = WarningSign.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=now - _REMEMBERED), customer__any_of=customers
    )
    found: dict[int, list[Past]] = defaultdict(list)
    for row in rows.order_by("pk"):
        ended = local_date(row.ended_at) if row.ended_at else None
        found[row.customer_id].append(
            Past(row.pk, row.kind, row.about, row.state, row.evidence, ended)  # type: ignore[arg-type]
        )
    return found


def _raise(decisions: Mapping[int, Decision], now: datetime) -> list[WarningSign]:
    owners = dict(
        AccountOwner.objects.filter(customer__any_of=list(decisions)).values_list(
            "customer_id", "owner_id"
        )
    )
    rows = [
        WarningSign(
            customer_id=customer,
            kind=sign.kind,
            about=sign.about,
            evidence=dict(sign.evidence),
            owner_id=owners.get(customer),
            due_date=due_of(sign, local_date(now)),
            raised_at=now,
        )
        for customer, decision in decisions.items()
        for sign in decision.to_raise
    ]
    made = WarningSign.objects.bulk_create(rows, batch_size=500)
    start_for(made, now)
    for row in made:
        log.info("warning sign customer=%d kind=%s", row.customer_id, row.kind)
    return made


def due_of(sign: Found, today: date) -> date:
    """Return when somebody should have acted: within days of its kind, before a term is over."""
    day = today + timedelta(days=DAYS_TO_ACT[sign.kind])
    return min(day, date.fromisoformat(sign.about)) if sign.kind == "renewal" else day


def _renew_and_end(decisions: Mapping[int, Decision], now: datetime) -> None:
    """Write more evidence onto open signs, and end those whose reason is gone."""
    renewed = {pk: said for one in decisions.values() for pk, said in one.to_renew.items()}
    over = [pk for one in decisions.values() for pk in one.over]
    for row in WarningSign.objects.filter(pk__any_of=[*renewed, *over], ended_at__isnull=True):
        if row.pk in renewed:
            row.evidence = dict(renewed[row.pk])
        else:
            _end(row, now)
        row.save(update_fields=["evidence", "state", "ended_at", "ended_by"])


def _end(row: WarningSign, now: datetime) -> None:
    """A conversation somebody looked at was acted on, by them; anything else is just over."""
    row.state, row.ended_at = WarningSign.State.PASSED, now
    if row.kind == WarningSign.Kind.CONVERSATION:
        seen = Conversation.objects.filter(
            pk__any_of=rows_of(row.evidence), handled_at__isnull=False
        )
        if handled := seen.order_by("-handled_at").first():
            row.state, row.ended_by = WarningSign.State.ACTED, handled.handled_by
