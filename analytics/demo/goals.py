"""What the demo company wants to reach: a goal missed with its alarm, others met or unclear."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from analytics.periods import today
from analytics.targets import alarms, closing
from analytics.targets.models import Target
from analytics.targets.work import on_day
from outbox.jobs import enqueue
from outbox.transactions import write
from surveys.models import Survey

_MORNINGS = 35
_GOALS = (
    ("score", "after-a-support-case", "at_least", "0.80", "90d"),
    ("score", "customer-relationship", "at_least", "20", "month"),
    ("negative-share", "first-weeks", "at_most", "0.25", "90d"),
    ("customer-churn", "", "at_most", "0.04", "month"),
)


def set_goals() -> None:
    """Write the targets down, as if set some months ago."""
    surveys = {survey.slug: survey for survey in Survey.objects.filter(is_demo=True)}
    for metric, slug, direction, goal, period in _GOALS:
        target = Target.objects.create(
            metric=metric,
            survey=surveys.get(slug),
            direction=direction,
            goal=Decimal(goal),
            period=period,
            judged_from=today() - timedelta(days=_MORNINGS),
            is_demo=True,
        )
        Target.objects.filter(pk=target.pk).update(created_at=timezone.now() - timedelta(days=150))
        enqueue([on_day(target.pk, today() + timedelta(days=1))])


def remove_goals() -> None:
    Target.objects.filter(is_demo=True).delete()


def judge_mornings() -> None:
    """Judge the last mornings one after the other, once the answers are read and counted."""
    for target in Target.objects.filter(is_demo=True).select_related("survey"):
        for ago in range(_MORNINGS, -1, -1):
            _judge(target, today() - timedelta(days=ago))


def _judge(target: Target, day: date) -> None:
    seen = alarms.look(target, day)
    with write():
        alarms.note(target, day, seen)
        closing.close(target, day)
