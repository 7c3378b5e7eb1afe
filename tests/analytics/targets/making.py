"""Targets for tests: `nps(survey, goal=45)`, judged on a morning: `morning(target, day)`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from analytics.targets import alarms, service, work
from analytics.targets.models import Target
from analytics.targets.service import Wish
from outbox.registry import Work
from surveys.models import Survey


def nps(survey: Survey | None, *, goal: str = "45", **more: Any) -> Target:
    """Return a new target on the survey's score over the last 30 days, without an owner."""
    wish: dict[str, Any] = {
        "metric": "score",
        "survey": survey,
        "filters": {},
        "direction": "at_least",
        "goal": Decimal(goal),
        "period": "30d",
        "owner": None,
    }
    return service.create(Wish(**{**wish, **more}))


def morning(target: Target, day: date) -> list[str]:
    """Judge a target as on that morning; return the kinds of alarms that started."""
    fresh = Target.objects.select_related("survey", "owner").get(pk=target.pk)
    return sorted(alarm.kind for alarm in alarms.note(fresh, day, alarms.look(fresh, day)))


def job(target: Target, *, detail: str = "") -> Work:
    return Work(id=1, subject_id=target.pk, detail=detail, attempts=1)


def judge_now(target: Target) -> None:
    work.judge_batch([job(target)], "test")
