"""What is written down about mails, in as few statements as possible.

The delivery loop runs these for some mails at once, inside its short
transactions, so they are plain SQL. Both databases take the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce

from outbox.prepared import prepared_cursor
from surveys.models import Contact, Invitation, Reminder

# A claimed job may also find its invitation failed: staff asked for another try.
SENDABLE = (Invitation.State.WAITING, Invitation.State.FAILED)
# May have reached the person, so their rest runs.
ASKED = (Invitation.State.HANDED, Invitation.State.SENT, Invitation.State.DOUBTFUL)
REMINDED = (Reminder.State.HANDED, Reminder.State.SENT, Reminder.State.DOUBTFUL)

Ask = tuple[Invitation, Contact]


class Rules(NamedTuple):
    """The rules of asking: rest between any two asks, most people of one customer within days."""

    rest_any: int
    most: int
    days: int


# Whatever may stop a mail at the last moment, said of the row `mine`.
_ALLOWED = """
  EXISTS (SELECT 1 FROM surveys_survey WHERE id = mine.survey_id AND status = 'live')
  AND NOT EXISTS (
    SELECT 1 FROM surveys_campaign WHERE id = mine.campaign_id AND cancelled_at IS NOT NULL)
  AND NOT EXISTS (
    SELECT 1 FROM surveys_contact AS person
    JOIN surveys_suppression AS told ON told.email = person.email
    WHERE person.id = mine.contact_id AND told.lifted_at IS NULL
      AND told.survey_id IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM surveys_contact AS person
    JOIN surveys_suppression AS told ON told.email = person.email
    WHERE person.id = mine.contact_id AND told.lifted_at IS NULL
      AND told.survey_id = mine.survey_id)
  AND NOT EXISTS (
    SELECT 1 FROM surveys_sendingstop
    WHERE resumed_at IS NULL AND (campaign_id IS NULL OR campaign_id = mine.campaign_id))"""
_HAND_OVER = f"""
UPDATE surveys_invitation AS mine SET state = 'handed', reason = '', handed_at = %s
WHERE mine.id IN ({{ids}}) AND mine.state IN ('waiting', 'failed') AND {_ALLOWED}
  AND NOT EXISTS (
    SELECT 1 FROM surveys_invitation AS other
    WHERE other.contact_id = mine.contact_id AND other.id <> mine.id
      AND (other.state IN ('handed', 'sent', 'doubtful')
           OR other.state = 'open' AND other.channel = 'link')
      AND COALESCE(other.sent_at, other.handed_at, other.created_at)
          > CASE WHEN other.survey_id = mine.survey_id THEN %s ELSE %s END)"""  # noqa: S608
_REMINDED = """
  AND NOT EXISTS (
    SELECT 1 FROM surveys_reminder AS reminder
    JOIN surveys_invitation AS other ON other.id = reminder.invitation_id
    WHERE other.contact_id = mine.contact_id AND reminder.state IN ('handed', 'sent', 'doubtful')
      AND reminder.handed_at > %s)"""
_UNDER_CAP = """
  AND (SELECT COUNT(DISTINCT other.contact_id)
       FROM surveys_contact AS self
       JOIN surveys_contact AS person ON person.customer_id = self.customer_id
       JOIN surveys_invitation AS other ON other.contact_id = person.id
       WHERE self.id = mine.contact_id AND person.id <> self.id
         AND (other.state IN ('handed', 'sent', 'doubtful')
              OR other.state = 'open' AND other.channel = 'link')
         AND COALESCE(other.sent_at, other.handed_at, other.created_at) > %s) < %s"""
_RULES = "SELECT rest_days, customer_most, customer_days FROM surveys_askingrules WHERE id = 1"
_STILL = f"""
SELECT 1 FROM surveys_invitation AS mine
WHERE mine.id = %s AND mine.state = 'handed' AND {_ALLOWED}
  AND EXISTS (SELECT 1 FROM surveys_contact WHERE id = mine.contact_id AND email = %s)"""  # noqa: S608
_SENT = """
UPDATE surveys_invitation SET state = 'sent', sent_at = %s
WHERE state = 'handed' AND id IN ({ids})"""
_ASKED = "UPDATE surveys_contact SET last_asked_at = %s WHERE id IN ({ids})"
_BACK = """
UPDATE surveys_invitation SET state = 'waiting' WHERE state = 'handed' AND id IN ({ids})"""
_LOCK = "SELECT 1 FROM {table} WHERE id IN ({ids}) ORDER BY id FOR UPDATE"


def asked_q() -> Q:
    """Return which invitations count as asks: mails that may have arrived, links handed out."""
    return Q(state__in=ASKED) | Q(state=Invitation.State.OPEN, channel=Invitation.Channel.LINK)


def asked_moment() -> Coalesce:
    """Return when such an ask was made, as a database expression."""
    return Coalesce("sent_at", "handed_at", "created_at")


def lock_people(contact_ids: Iterable[int]) -> None:
    """Let nobody else ask these people until the transaction ends; always in the same order.

    SQLite has one writer, who is alone already.
    """
    _lock("surveys_contact", contact_ids)


def hand_over(asks: Iterable[Ask], *, now: datetime) -> set[int]:
    """Mark mails as leaving the house; return those for which all that allows it still holds.

    Call inside a transaction, with the people locked: two workers with the
    same person (or, under a cap, the same customer) wait for each other, so
    the second one sees the first one's ask.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RULES)
        rules = Rules(*(cursor.fetchone() or (0, 0, 0)))
    handed: set[int] = set()
    for alike in _rounds(asks, rules):
        if rules.most:
            _lock("surveys_customer", [c.customer_id for _row, c in alike if c.customer_id])
        handed |= _hand_over(alike, rules, now)
    return handed


def _rounds(asks: Iterable[Ask], rules: Rules) -> Iterator[list[Ask]]:
    """Part asks so that one statement can judge each part: no two of them touch each other."""
    waiting = list(asks)
    while waiting:
        rest_days, people, customers = waiting[0][0].rest_days, set(), set()
        alike, others = [], []
        for ask in waiting:
            row, contact = ask
            customer = contact.customer_id if rules.most else None
            fits = row.rest_days == rest_days and contact.pk not in people
            if fits and (customer is None or customer not in customers):
                people.add(contact.pk)
                customers.add(customer)
                alike.append(ask)
            else:
                others.append(ask)
        yield alike
        waiting = others


def _hand_over(alike: Sequence[Ask], rules: Rules, now: datetime) -> set[int]:
    ids = [row.pk for row, _contact in alike]
    own = alike[0][0].rest_days
    statement, parameters = _HAND_OVER, [
        *(_adapted(now), *ids),
        *(_days_ago(now, max(own, rules.rest_any)), _days_ago(now, rules.rest_any)),
    ]  # fmt: skip
    if rules.rest_any:
        statement += _REMINDED
        parameters.append(_days_ago(now, rules.rest_any))
    if rules.most:
        statement += _UNDER_CAP
        parameters += [_days_ago(now, rules.days), rules.most]
    if _run(statement, ids, parameters) == len(ids):
        return set(ids)
    handed = Invitation.objects.filter(pk__in=ids, state=Invitation.State.HANDED)
    return set(handed.values_list("pk", flat=True))


@contextmanager
def last_look() -> Iterator[Callable[[Ask], bool]]:
    """Return what tells, a moment before a mail handed over with others leaves, if it still may.

    It changes nothing and keeps no transaction open.
    """
    with prepared_cursor() as cursor:

        def may_leave(ask: Ask) -> bool:
            invitation, contact = ask
            cursor.execute(_STILL, [invitation.pk, contact.email])
            return bool(cursor.fetchall())

        yield may_leave


def _lock(table: str, ids: Iterable[int]) -> None:
    wanted = sorted(set(ids))
    if wanted and connection.features.has_select_for_update:
        _run(_LOCK.replace("{table}", table), wanted, wanted)


def _run(statement: str, ids: Sequence[int], parameters: Sequence[Any]) -> int:
    """Run a statement about some rows; return how many it found. Only %s are written into it."""
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{ids}", ", ".join(["%s"] * len(ids))), parameters)
        return int(cursor.rowcount)


def _days_ago(now: datetime, days: int) -> Any:
    """Return that moment for the database; without a rest one that nothing lies after."""
    return _adapted(now - timedelta(days=days) if days else now + timedelta(days=366))


def record_sent(asks: Sequence[tuple[int, int | None]], *, now: datetime) -> None:
    """Write down that these mails (invitation, contact) were taken."""
    if asks:
        rows, people = zip(*asks, strict=True)
        _run(_SENT, rows, [_adapted(now), *rows])
        _run(_ASKED, people, [_adapted(now), *people])


def take_back(invitation_ids: Sequence[int]) -> None:
    """Let mails wait again that were handed over and certainly never left."""
    if invitation_ids:
        _run(_BACK, invitation_ids, invitation_ids)


def record(invitation: Invitation, *, state: str, reason: str = "") -> None:
    """Write how a handed-over mail ended other than sent."""
    handed = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.HANDED)
    handed.update(state=state, reason=reason[:120])


def _adapted(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
