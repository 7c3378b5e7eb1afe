"""The targets a digest covers: those missed, and those with an alarm it has not told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.digests.models import Digest
from analytics.periods import Period
from analytics.targets import sentences
from analytics.targets.currency import currency_of
from analytics.targets.listing import latest_days
from analytics.targets.models import Alarm, Target, TargetDay
from surveys.models import Survey

SEEN_BY = "targets.view_target"


@dataclass(frozen=True, slots=True)
class Goal:
    """One target that is missed, or whose `alarms` started on the digest's days.

    `day` is how it stood on the last of these mornings, None when it was not
    judged yet. `part` names what it is limited to, "" for everybody.
    """

    target: Target
    day: TargetDay | None
    alarms: tuple[Alarm, ...]
    part: str

    @property
    def told(self) -> list[str]:
        return [alarm_key(alarm) for alarm in self.alarms]


def alarm_key(alarm: Alarm) -> str:
    return f"target-alarm:{alarm.pk}"


def goals_of(
    digest: Digest, surveys: Sequence[Survey], news: Period, *, told: Collection[str] = ()
) -> tuple[Goal, ...]:
    """Return the covered targets worth a line, alarms first; none when they may not be seen.

    Four queries, however many targets there are.
    """
    if not digest.user.has_perm(SEEN_BY):
        return ()
    targets = [target for target in _listed(digest, surveys) if _covers(digest, target)]
    if not targets:
        return ()
    days = latest_days([target.pk for target in targets], until=news.stop)
    alarms = _untold(targets, news, told)
    parts = sentences.part_texts(targets)
    found = [
        Goal(target, days.get(target.pk), tuple(alarms.get(target.pk, ())), parts[target.pk])
        for target in targets
    ]
    worth = [goal for goal in found if goal.alarms or (goal.day and goal.day.state == "missed")]
    return tuple(sorted(worth, key=lambda goal: (not goal.alarms, goal.target.pk)))


def _listed(digest: Digest, surveys: Sequence[Survey]) -> list[Target]:
    """Return targets of these surveys; a digest of everything covers those of no survey, too."""
    rows = Target.objects.select_related("survey", "owner")
    found = rows.filter(survey__in=surveys)
    if digest.has_all and not digest.filters:
        found = found | rows.filter(survey__isnull=True)
    return list(found.order_by("pk"))


def _covers(digest: Digest, target: Target) -> bool:
    """Say whether a target speaks of nothing but what the digest is about."""
    wished = {name: value for name, value in digest.filters.items() if value}
    return wished.items() <= target.filters.items()


def _untold(
    targets: Sequence[Target], news: Period, told: Collection[str]
) -> dict[int, list[Alarm]]:
    """Return the open alarms that started on these days or on the morning after, by target."""
    known = {target.pk: target for target in targets}
    rows = Alarm.objects.filter(
        target__in=known,
        ended_date__isnull=True,
        started_date__gte=news.start,
        started_date__lte=news.stop,
    )
    found: dict[int, list[Alarm]] = {}
    for alarm in rows.order_by("started_date", "pk"):
        if alarm_key(alarm) not in told:
            alarm.target = known[alarm.target_id]
            found.setdefault(alarm.target_id, []).append(alarm)
    return found


# ---- In words ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A target in a mail: its title, what happened ("" for nothing new), how it stands."""

    title: str
    alarm: str
    stands: str
    url: str


def line_of(goal: Goal) -> GoalLine:
    target = goal.target
    currency = currency_of(target)
    title = sentences.title_of(target, currency)
    return GoalLine(
        title=f"{title} ({goal.part})" if goal.part else title,
        alarm=", ".join(alarm.get_kind_display() for alarm in goal.alarms),
        stands=_stands(goal, currency),
        url=settings.BASE_URL + reverse("staff:target", args=[target.pk]),
    )


def _stands(goal: Goal, currency: str) -> str:
    """Say what is known newest: Missed: +31, likely +24 … +38, October 2026."""
    day, unit = goal.day, sentences.unit_of(goal.target)
    if day is None:
        return sentences.alarm_words(sentences.weightiest(goal.alarms), currency)
    shown = sentences.shown_text(day.value, unit, currency)
    likely = sentences.range_text(day.low, day.high, unit, currency)
    said = [
        shown or sentences.reason_words(day.reason, day.n),
        _("likely %(range)s") % {"range": likely} if likely else "",
        sentences.span_text(Period(day.start, day.stop)),
    ]
    return f"{sentences.state_words(day.state)}: {', '.join(part for part in said if part)}"


def subject_of(goal: Goal) -> str:
    return sentences.alarms_title(goal.alarms)
