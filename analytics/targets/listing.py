"""All targets as they stood this morning, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from analytics.targets.models import Alarm, Target, TargetDay


@dataclass(frozen=True, slots=True)
class Row:
    """One target; `day` is None until it was judged for the first time."""

    target: Target
    day: TargetDay | None
    alarms: tuple[Alarm, ...]  # open ones

    @property
    def state(self) -> str:
        return self.day.state if self.day else ""

    @property
    def needs_somebody(self) -> bool:
        return any(alarm.needs_somebody for alarm in self.alarms)


_ORDER = {"missed": 0, "unclear": 1, "": 2, "met": 3}


def all_rows() -> list[Row]:
    """Return every target, those that need a person first, then by state. Three queries."""
    targets = list(Target.objects.select_related("survey", "owner"))
    latest = latest_days([target.pk for target in targets])
    open_: dict[int, list[Alarm]] = {}
    for alarm in Alarm.objects.filter(ended_date__isnull=True):
        open_.setdefault(alarm.target_id, []).append(alarm)
    rows = [Row(t, latest.get(t.pk), tuple(open_.get(t.pk, ()))) for t in targets]
    return sorted(rows, key=lambda row: (not row.needs_somebody, _ORDER[row.state], row.target.pk))


def latest_days(targets: Collection[int], *, until: date | None = None) -> dict[int, TargetDay]:
    """Return the newest judged day of each target, of those up to `until` if given."""
    days = TargetDay.objects.filter(target=OuterRef("target"))
    if until is not None:
        days = days.filter(day__lte=until)
    newest = days.order_by("-day").values("pk")[:1]
    rows = TargetDay.objects.filter(target__in=targets, pk=Subquery(newest))
    return {row.target_id: row for row in rows}
