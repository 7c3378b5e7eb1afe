"""What happens to a target by itself: judged every morning, closed when settled, told about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.mail import get_connection

from analytics.periods import today
from analytics.targets import alarms, closing
from analytics.targets.letters import letters
from analytics.targets.models import Target
from outbox.days import day_bounds
from outbox.jobs import Wanted, enqueue
from outbox.registry import Handler, Later, Once, Setback, Work, register
from outbox.transactions import write

TARGET, TELL = "target", "target_alarm"
_AFTER_MIDNIGHT = timedelta(hours=3)  # the evening's answers are read and counted by then


def on_day(target_id: int, day: date) -> Wanted:
    """Ask for the judgement of a morning."""
    due_at = day_bounds(day)[0] + _AFTER_MIDNIGHT
    return Wanted(TARGET, target_id, f"{TARGET}:{target_id}:{day}", due_at=due_at)


def at_once(target_id: int) -> Wanted:
    """Ask for a judgement now: the target is new or says something else."""
    return Wanted(TARGET, target_id, f"{TARGET}:{target_id}:now", repeats=True)


def judge_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "target": judge it today, and ask for tomorrow.

    Days that were missed stay missing: what was known then is not known now.
    """
    day = today()
    for item in work:
        target = Target.objects.select_related("survey").filter(pk=item.subject_id).first()
        if target is None:
            continue  # deleted meanwhile
        seen = alarms.look(target, day)
        with write():
            started = alarms.note(target, day, seen)
            closing.close(target, day)
            enqueue([on_day(target.pk, day + timedelta(days=1))])
            if alarms.may_tell(target, started, day):
                enqueue([Wanted(TELL, target.pk, f"{TELL}:{target.pk}:{day}", detail=str(day))])
    return ()


def tell_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "target_alarm": one mail about the alarms of a morning."""
    setbacks: list[Setback] = []
    for item in work:
        mails = letters(item.subject_id, date.fromisoformat(item.detail))
        try:
            get_connection().send_messages(mails)
        except OSError as error:  # smtplib's errors are OSErrors
            setbacks.append(Later(item.id, 60 * item.attempts, f"{type(error).__name__}: {error}"))
    return setbacks


register(Handler(TARGET, judge_batch, batch=5, once=Once.REPEATABLE, lease_seconds=120))
register(Handler(TELL, tell_batch, batch=5, once=Once.AT_LEAST))
