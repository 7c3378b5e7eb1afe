"""The kinds of work this wing does for the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from analytics.success.conversations import read_conversations
from analytics.success.daily import HEALTH, tonight
from analytics.success.files import FACTS, work_through
from analytics.success.health import health_facts, measure_all, take_snapshots
from analytics.success.learning import learn
from analytics.success.listening import CONVERSATIONS, SATISFACTION
from outbox.jobs import enqueue
from outbox.registry import Handler, Once, Setback, Work, register
from outbox.transactions import write


def measure_health(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Store today's health of every paying account and ask for tomorrow's.

    Days that were missed stay missing: what an account was then is not known now.
    """
    facts = health_facts()
    healths = measure_all(facts)
    with write():
        take_snapshots(facts.today, healths)
        enqueue([tonight(facts.today + timedelta(days=1))])
    return ()


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
