"""Write targets down, check what they say, change and delete them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from analytics.periods import today
from analytics.scores.slices import UnknownPart, read_slice
from analytics.statistics.result import Unit
from analytics.targets.alarms import end_all
from analytics.targets.measures import MEASURES, Measure
from analytics.targets.models import Target
from analytics.targets.work import at_once
from outbox.jobs import enqueue
from outbox.transactions import write
from surveys.models import Survey

MOST = 200
"""Targets in all: each is judged every morning, and people look after few."""


class Refused(ValueError):
    """A target cannot be so; `reasons` maps the field to what is wrong with it."""

    def __init__(self, reasons: dict[str, str]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(f"{name}: {why}" for name, why in reasons.items()))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a target to say; `goal` is in the unit of the metric."""

    metric: str
    survey: Survey | None
    filters: Mapping[str, str]
    direction: str
    goal: Decimal
    period: str
    owner: Any
    quiet_days: int = 14


def check(wish: Wish) -> None:
    """Raise Refused, with every reason, for a target that makes no sense."""
    measure = MEASURES.get(wish.metric)
    if measure is None:
        raise Refused({"metric": _("There is no metric of this name.")})
    reasons = _about_survey(measure, wish) | _about_filters(measure, wish)
    if "survey" not in reasons:
        reasons |= _about_goal(measure.unit_of(wish.survey), wish)
    if reasons:
        raise Refused(reasons)


def _about_survey(measure: Measure, wish: Wish) -> dict[str, str]:
    if measure.is_of_survey and wish.survey is None:
        return {"survey": _("Choose the survey it is about.")}
    if not measure.is_of_survey and wish.survey is not None:
        return {"survey": _("This metric is about customers and belongs to no survey.")}
    return {}


def _about_filters(measure: Measure, wish: Wish) -> dict[str, str]:
    reasons = {
        name: _("This metric cannot be limited so.")
        for name, value in wish.filters.items()
        if value and name not in measure.wishes
    }
    try:
        read_slice(wish.filters)
    except UnknownPart as error:
        reasons.setdefault(error.name, _("There is no such thing."))
    return reasons


_ENDS: dict[Unit, tuple[int, int]] = {"points": (-100, 100), "fraction": (0, 1)}


def _about_goal(unit: Unit, wish: Wish) -> dict[str, str]:
    low, high = ends_of(unit, wish.survey)
    if wish.goal < low or (high is not None and wish.goal > high):
        if unit == "fraction":
            return {"goal": _("A share lies between 0 and 100 %.")}
        if high is not None:
            said = _("This score lies between %(low)s and %(high)s.")
            return {"goal": said % {"low": low, "high": high}}
        return {"goal": _("This cannot be below zero.")}
    return {}


def ends_of(unit: Unit, survey: Survey | None) -> tuple[int, int | None]:
    """Return the ends of what a figure can be; None is no end."""
    if unit == "mean" and survey is not None:
        return survey.scale.low, survey.scale.high
    return _ENDS.get(unit, (0, None))


def create(wish: Wish, *, is_demo: bool = False) -> Target:
    """Write a target down and have it judged at once. Refused when it makes no sense."""
    check(wish)
    with write():
        if Target.objects.count() >= MOST:
            raise Refused(
                {"": _("There are %(n)s targets already. Delete one first.") % {"n": MOST}}
            )
        target = Target.objects.create(judged_from=today(), is_demo=is_demo, **_columns(wish))
        enqueue([at_once(target.pk)])
    return target


def _columns(wish: Wish) -> dict[str, Any]:
    return {
        "metric": wish.metric,
        "survey": wish.survey,
        "filters": {name: value for name, value in wish.filters.items() if value},
        "direction": wish.direction,
        "goal": wish.goal.quantize(Decimal("0.0001")),
        "period": wish.period,
        "owner": wish.owner,
        "quiet_days": wish.quiet_days,
    }


_SAYS = ("metric", "survey", "filters", "direction", "goal", "period")
"""What makes it another target: alarms of before are over then."""


def change(target: Target, wish: Wish) -> Target:
    """Change a target. When it says something else, its alarms end and judging starts afresh."""
    check(wish)
    with write():
        now = Target.objects.select_for_update().get(pk=target.pk)
        columns = _columns(wish)
        is_other = any(getattr(now, name) != columns[name] for name in _SAYS)
        for name, value in columns.items():
            setattr(now, name, value)
        if is_other:
            now.judged_from = today()
            end_all(now, today())
            enqueue([at_once(now.pk)])
        now.save()
    return now


def wish_of(target: Target) -> Wish:
    return Wish(
        metric=target.metric,
        survey=target.survey,
        filters=target.filters,
        direction=target.direction,
        goal=target.goal,
        period=target.period,
        owner=target.owner,
        quiet_days=target.quiet_days,
    )
