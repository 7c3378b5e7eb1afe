"""Which conversations are to be read again: marked in the transaction of the facts that say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from analytics.success.models import Conversation
from outbox.days import day_bounds, local_date
from outbox.jobs import Wanted, enqueue

CONVERSATIONS = "conversations"
SATISFACTION = "satisfaction"
_ASK = 5000
_AFTER_MIDNIGHT = timedelta(hours=3)  # when health is measured already
_AFTER_FACTS = timedelta(minutes=20)


def messages_changed(rows: Sequence[Mapping[str, Any]]) -> None:
    """Note that these messages were written; a ticket seen first becomes a conversation."""
    tickets = sorted({row["ticket"] for row in rows})
    for start in range(0, len(tickets), _ASK):
        part = tickets[start : start + _ASK]
        Conversation.objects.bulk_create(
            [Conversation(ticket=ticket) for ticket in part], ignore_conflicts=True
        )
    _mark(tickets)
    now = timezone.now()
    day = local_date(now)
    # once a day, when the other facts have followed: whether there is enough to learn from
    enqueue(
        [
            Wanted(
                SATISFACTION, day.toordinal(), f"{SATISFACTION}:{day}:facts",
                due_at=now + _AFTER_FACTS,
            )
        ]
    )  # fmt: skip


def tickets_changed(rows: Sequence[Mapping[str, Any]]) -> None:
    """Note that these tickets were written: a rating may have come, or the solution."""
    _mark(sorted({row["external_id"] for row in rows}))


def _mark(tickets: Sequence[str]) -> None:
    count = 0
    for start in range(0, len(tickets), _ASK):
        found = Conversation.objects.filter(ticket__in=tickets[start : start + _ASK])
        count += found.update(due=F("due") + 1)
    if count:
        ask()


def ask() -> None:
    enqueue([Wanted(CONVERSATIONS, 0, CONVERSATIONS, repeats=True)])


def mark_all(ids: Iterable[int]) -> None:
    """Let conversations be read again, because a model has changed."""
    Conversation.objects.filter(pk__any_of=list(ids)).update(due=F("due") + 1)
    ask()


def next_night(day: date) -> Wanted:
    """Ask whether the model still predicts and whether a month has passed."""
    due: datetime = day_bounds(day)[0] + _AFTER_MIDNIGHT
    return Wanted(SATISFACTION, day.toordinal(), f"{SATISFACTION}:{day}", due_at=due)
