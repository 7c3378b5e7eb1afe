"""The kinds of work this wing does for the outbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.utils import timezone

from analytics.periods import today
from analytics.success.conversations import read_conversations
from analytics.success.daily import (
    HEALTH,
    HEALTH_PART,
    PLAN,
    part_of_accounts,
    signs_of,
    tonight,
)
from analytics.success.files import FACTS, work_through
from analytics.success.health import health_facts, measure_all, take_snapshots
from analytics.success.keeping import FIGURES, is_large, keep, plan, task_from
from analytics.success.learning import learn
from analytics.success.listening import CONVERSATIONS, SATISFACTION
from analytics.success.listing import judge_again
from analytics.success.models import KeptAccount
from outbox.jobs import enqueue
from outbox.registry import Handler, Once, Onward, Setback, Work, register
from outbox.transactions import write
from surveys.models import Customer

_PART = 2000  # customers
_SLICE = timedelta(seconds=15)


def measure_health(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Store today's health of every paying account and ask for tomorrow's.

    Days that were missed stay missing: what an account was then is not known now.
    Many accounts are judged in parts, and kept in the order a page wants.
    """
    if is_large("subscriptions") or is_large("usage-events"):
        with write():
            enqueue([part_of_accounts(*ends) for ends in _parts()])
            enqueue([tonight(today() + timedelta(days=1))])
        return ()
    facts = health_facts()
    healths = measure_all(facts)
    wanted = [*(signs_of(*ends) for ends in _parts()), tonight(facts.today + timedelta(days=1))]
    with write():
        KeptAccount.objects.all().delete()
        take_snapshots(facts.today, healths)
        enqueue(wanted)
    return ()


def _parts() -> Iterator[tuple[int, int]]:
    """Return the customers in ranges of their keys, of so many each; both ends included."""
    keys = Customer.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=_PART)
    while part := list(islice(keys, _PART)):
        yield part[0], part[-1]


def measure_part(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Judge some of many accounts: today's health, and where they stand among all."""
    for work in works:
        ends = _ends(work.detail)
        facts, healths = judge_again(
            Customer.objects.filter(pk__range=ends).values_list("pk", flat=True)
        )
        with write():
            take_snapshots(facts.today, healths)
            enqueue([signs_of(*ends)])
    return ()


def _ends(detail: str) -> tuple[int, int]:
    first, _dash, last = detail.partition("-")
    return int(first), int(last)


def look_over(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Ask for the figures that are missing or old, once for all plans that are due."""
    plan()
    return ()


def keep_figures(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Compute figures ahead for as long as a task may take; the rest goes on in the next one."""
    until = timezone.now() + _SLICE
    return [Onward(item.id) for item in works if not keep(task_from(item.detail), until=until)]


register(Handler(PLAN, look_over, batch=50, once=Once.REPEATABLE))
register(
    Handler(
        HEALTH_PART,
        measure_part,
        batch=1,
        once=Once.REPEATABLE,
        queue="history",
        gives_way=True,
        lease_seconds=120,
    )
)
register(
    Handler(
        FIGURES,
        keep_figures,
        batch=1,
        once=Once.REPEATABLE,
        queue="history",
        gives_way=True,
        lease_seconds=120,
    )
)
register(Handler(HEALTH, measure_health, batch=20, once=Once.REPEATABLE, lease_seconds=300))
register(
    Handler(
        CONVERSATIONS,
        read_conversations,
        batch=50,
        once=Once.REPEATABLE,
        lease_seconds=120,
        gives_way=True,
    )
)
register(Handler(SATISFACTION, learn, batch=20, once=Once.REPEATABLE, lease_seconds=600))
register(Handler(FACTS, work_through, batch=1, once=Once.REPEATABLE, lease_seconds=120))
