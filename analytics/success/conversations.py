"""Reading conversations: what was said, what is predicted of it, and who must be told.

Repeatable: everything but `alerted_at` is a pure function of messages, ticket,
reader and model. A supervisor is told once in a conversation's life.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils import timezone

from analytics.statistics.result import Result
from analytics.success.daily import signs_of
from analytics.success.listening import CONVERSATIONS, ask
from analytics.success.metrics.conversations import Heard, Turn, customer_turns, features_at
from analytics.success.metrics.intents import wishes
from analytics.success.metrics.prediction import (
    Model,
    conversation_alerts,
    predict,
    rules_that_fire,
)
from analytics.success.models import (
    Conversation,
    ConversationMessage,
    SatisfactionModel,
    Ticket,
    conventions_in_force,
)
from feedback.readers import current_reader
from outbox.jobs import Wanted, enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write

log = logging.getLogger(__name__)
BATCH = 200
ALERT_FRESH = timedelta(days=3)
"""A supervisor can still do something about messages this young; older ones only show."""
_WRITTEN = (
    "customer_id", "is_demo", "seen", "messages", "last_at", "is_resolved", "is_satisfied",
    "rated_at", "features", "course", "reason", "probability", "decision", "contributions",
    "model_id", "rules", "cleared_at",
)  # fmt: skip


def model_in_force(*, is_demo: bool = False) -> SatisfactionModel | None:
    """Return the newest model that may be used; what the demo taught judges the demo alone."""
    return _usable().filter(is_demo=is_demo).first()


def models_in_force() -> list[int]:
    """Return the numbers of the models in force: of the workspace and of the demo."""
    newest_last = _usable().order_by("pk").values_list("is_demo", "pk")
    return list(dict(newest_last).values())


def _usable() -> QuerySet[SatisfactionModel]:
    return SatisfactionModel.objects.filter(doubts=[], disabled_at__isnull=True)


def plain(row: SatisfactionModel) -> Model:
    return Model(row.intercept, row.coefficients, row.means, row.rated, row.rarer)


def read_conversations(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Handle outbox work of kind "conversations": one batch of those that changed.

    A subject is a conversation whose time to be answered is over just now.
    """
    overdue = [work.subject_id for work in works if work.subject_id]
    if overdue:
        Conversation.objects.filter(pk__any_of=overdue).update(due=F("due") + 1)
    if read_due() == BATCH:
        with write():
            ask()  # this very job, once more, after other work had its turn
    return ()


def read_due(*, most: int = BATCH) -> int:
    """Read and predict conversations that changed; return how many."""
    due = list(Conversation.objects.exclude(seen=F("due")).order_by("pk")[:most])
    if not due:
        return 0
    readings = _look(due)
    now = timezone.now()
    with write():
        for row, found in zip(due, readings, strict=True):
            _fill(row, found)
        Conversation.objects.bulk_update(due, [name.removesuffix("_id") for name in _WRITTEN])
        for row, found in zip(due, readings, strict=True):
            _tell(row, found, now)
        enqueue(
            Wanted(CONVERSATIONS, row.pk, f"{CONVERSATIONS}:{row.pk}", due_at=at, repeats=True)
            for row, found in zip(due, readings, strict=True)
            if (at := found.answer_by) is not None and at > now
        )
    return len(due)


class _Message(NamedTuple):
    pk: int
    at: datetime
    who: str
    event: str
    text: str
    customer_id: int | None
    is_demo: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything derived of one conversation."""

    ticket: Ticket | None
    messages: Sequence[_Message]
    turns: Sequence[Turn]
    results: Sequence[Result]  # one for each message of the customer
    places: Sequence[int]
    judged: int  # index into `places` of the message that is predicted; -1 for none
    model: SatisfactionModel | None
    rules: Sequence[str]
    answer_by: datetime | None  # when the customer will have waited too long, if they wait


def _look(rows: Sequence[Conversation]) -> list[_Found]:
    """Read messages and tickets of these conversations with three queries, and predict."""
    names = [row.ticket for row in rows]
    threads: dict[str, list[_Message]] = {name: [] for name in names}
    stored = ConversationMessage.objects.filter(ticket__in=names).order_by("at", "pk")
    for ticket, *values in stored.values_list("ticket", *_Message._fields):
        threads[ticket].append(_Message(*values))
    tickets = {row.external_id: row for row in Ticket.objects.filter(external_id__in=names)}
    heard = _hear([m for thread in threads.values() for m in thread])
    target = conventions_in_force().first_reply_hours * 3600
    models = {kind: model_in_force(is_demo=kind) for kind in (False, True)}
    return [
        _found(
            threads[name],
            tickets.get(name),
            heard,
            model=models[_is_demo(threads[name])],
            target=target,
        )
        for name in names
    ]


def _is_demo(messages: Sequence[_Message]) -> bool:
    return bool(messages) and messages[0].is_demo


def _hear(messages: Iterable[_Message]) -> dict[int, Heard]:
    """Return message -> what was read in it, of the customers' messages."""
    said = [m for m in messages if m.who == "customer" and not m.event]
    readings = current_reader().reader.read_many([(m.text, None) for m in said])
    return {
        message.pk: Heard(
            reading.compound,
            frozenset(reading.emotions),
            frozenset(wish.intent for wish in wishes(message.text)),
            reading.reason,
        )
        for message, reading in zip(said, readings, strict=True)
    }


def _found(
    messages: Sequence[_Message],
    ticket: Ticket | None,
    heard: Mapping[int, Heard],
    *,
    model: SatisfactionModel | None,
    target: int,
) -> _Found:
    turns = [
        Turn(m.at, m.event or m.who, heard.get(m.pk, Heard()))  # type: ignore[arg-type]
        for m in messages
    ]
    places = customer_turns(turns)
    judged = len(places) - 1
    if ticket is not None and ticket.rated_at is not None:
        # what the customer wrote after rating was not known when they rated
        judged = sum(turns[place].at <= ticket.rated_at for place in places) - 1
    results = (
        [predict(plain(model), features_at(turns, place)) for place in places] if model else []
    )
    since = _waits_since(turns, places)
    is_open = ticket is None or ticket.solved_at is None
    answer_by = since + timedelta(seconds=target) if since and is_open else None
    rules = _rules(turns, places, answer_by, target)
    return _Found(ticket, messages, turns, results, places, judged, model, rules, answer_by)


def _waits_since(turns: Sequence[Turn], places: Sequence[int]) -> datetime | None:
    """Return when the last message of the customer came, None once anything followed it."""
    if not places or any(turn.what in ("agent", "solved") for turn in turns[places[-1] :]):
        return None
    return turns[places[-1]].at


def _rules(
    turns: Sequence[Turn], places: Sequence[int], answer_by: datetime | None, target: int
) -> Sequence[str]:
    if not places:
        return ()
    features = features_at(turns, places[-1])
    said = [turns[place].heard.polarity for place in places]
    waiting = 0.0
    if answer_by is not None:
        waiting = (timezone.now() - answer_by).total_seconds() + target
    return rules_that_fire(
        has_cancel_intent=bool(features["intent_cancel"]),
        polarities=[polarity for polarity in said if polarity is not None],
        waiting_seconds=waiting,
        target_seconds=target,
    )


def _fill(row: Conversation, found: _Found) -> None:
    """Write what was derived onto the row; nothing is saved here."""
    ticket, places = found.ticket, found.places
    customers = [m.customer_id for m in found.messages if m.customer_id]
    row.seen = row.due
    row.customer_id = customers[0] if customers else ticket.customer_id if ticket else None
    row.is_demo = _is_demo(found.messages)
    row.messages = sum(not message.event for message in found.messages)
    row.last_at = found.turns[places[-1]].at if places else None
    row.is_resolved = _is_resolved(found)
    row.is_satisfied = None if ticket is None or not ticket.rating else ticket.rating == "good"
    row.rated_at = ticket.rated_at if ticket else None
    row.course = [
        [
            found.messages[place].pk,
            found.turns[place].heard.polarity,
            found.results[number].value if found.results else None,
        ]
        for number, place in enumerate(places)
    ]
    row.rules = list(found.rules)
    row.features, row.contributions, row.model = {}, {}, found.model
    row.probability, row.decision, row.reason = None, "", "nothing_said"
    if found.judged < 0:
        return
    place = places[found.judged]
    row.features = dict(features_at(found.turns, place))
    row.reason = "no_model"
    if found.results:
        result = found.results[found.judged]
        row.probability = None if result.value is None else float(result.value)
        row.decision = result.parts["decision"]
        row.contributions = result.parts.get("contributions", {})
        row.reason = result.reason
        if result.reason == "missing_features":
            row.reason = found.turns[place].heard.reason or result.reason


def _is_resolved(found: _Found) -> bool:
    states = [turn.what for turn in found.turns if turn.what in ("solved", "reopened")]
    if states:
        return states[-1] == "solved"
    return found.ticket is not None and found.ticket.solved_at is not None


# ---- The supervisor ------------------------------------------------------------------


def _tell(row: Conversation, found: _Found, now: datetime) -> None:
    """Raise the alert of a conversation that is young and open, once; clear it when better."""
    by, is_raised = _alarm(found)
    pending = Conversation.objects.filter(pk=row.pk)
    if row.alerted_at is not None:
        is_better = by == row.alerted_by and not is_raised
        pending.update(cleared_at=(row.cleared_at or now) if is_better else None)
        return
    is_young = row.last_at is not None and now - row.last_at <= ALERT_FRESH
    if is_raised and is_young and not row.is_resolved and row.is_satisfied is None:
        told = pending.filter(alerted_at__isnull=True).update(alerted_at=now, alerted_by=by)
        if told:
            log.info("conversation alert conversation=%d by=%s", row.pk, by)
        if told and row.customer_id is not None:
            enqueue([signs_of(row.customer_id, row.customer_id)])


def _alarm(found: _Found) -> tuple[str, bool]:
    """Return who judges, the model or plain rules, and whether a supervisor is needed now."""
    if found.model is None:
        return "rules", bool(found.rules)
    events = conversation_alerts(
        [None if r.value is None else float(r.value) for r in found.results]
    )
    return "model", bool(events) and events[-1].kind == "raise"


def mark_handled(*rows: int, by: str) -> bool:
    """Take the alerts of conversations off the supervisor's list; False: somebody did before."""
    waiting = Conversation.objects.filter(
        pk__in=rows, alerted_at__isnull=False, handled_at__isnull=True
    )
    return bool(waiting.update(handled_at=timezone.now(), handled_by=by[:150]))


def open_alerts() -> Any:
    """Return conversations a supervisor has not looked at, newest first."""
    rows = Conversation.objects.filter(alerted_at__isnull=False, handled_at__isnull=True)
    return rows.order_by("-alerted_at")
