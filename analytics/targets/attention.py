"""Targets elsewhere: what the home page asks of a person, and what stands beside a survey."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.lines import Mark
from analytics.periods import Period
from analytics.scores.beside import Beside, Line
from analytics.success.goals import Goal
from analytics.targets import sentences
from analytics.targets.currency import currency_of
from analytics.targets.listing import latest_days
from analytics.targets.models import Alarm, Target, TargetDay
from outbox.prepared import Lookup
from outbox.staff.attention import Need, address
from outbox.staff.badges import Badge, Counted
from surveys.models import Survey

_VIEW = "targets.view_target"
_MOST = 5  # targets the home page names one by one
_OF_SURVEY = Lookup(lambda survey: Target.objects.filter(survey=survey))


def waiting() -> QuerySet[Alarm]:
    """Return the open alarms nobody looks after."""
    return Alarm.objects.filter(ended_date__isnull=True, acknowledged_at__isnull=True)


ALARMS = Counted(
    lambda: [waiting().order_by().values("target").distinct()],
    lambda count: Badge(figures.count_text(count), is_hot=True) if count else None,
)


def needs(request: HttpRequest) -> list[Need]:
    """Name the targets with an alarm nobody looks after yet (a source of the home page)."""
    if not request.user.has_perm(_VIEW):
        return []
    by_target: dict[int, list[Alarm]] = {}
    for alarm in waiting().select_related("target__survey"):
        by_target.setdefault(alarm.target_id, []).append(alarm)
    return [
        Need(
            group=_("Targets"),
            title=sentences.alarms_title(alarms),
            url=address("staff:target", "", target_id),
            note=_note(sentences.weightiest(alarms)),
            icon="target",
            is_urgent=True,
            order=8,
        )
        for target_id, alarms in list(by_target.items())[:_MOST]
    ]


def _note(alarm: Alarm) -> str:
    said = sentences.alarm_words(alarm, currency_of(alarm.target))
    since = _("Since %(day)s.") % {"day": figures.day_text(alarm.started_date, has_year=True)}
    return f"{said} {since}"


def beside_survey(request: HttpRequest, survey: Survey, period: Period) -> Beside:
    """Return the targets of a survey as lines, and their alarms of the period as marks."""
    if not request.user.has_perm(_VIEW):
        return Beside()
    targets = _OF_SURVEY.every(survey.pk)
    if not targets:
        return Beside()
    for target in targets:
        target.survey = survey  # read already
    latest = latest_days([target.pk for target in targets])
    alarms = list(
        Alarm.objects.filter(target__in=targets, started_date__lt=period.stop)
        .order_by("started_date")
        .only("target_id", "kind", "started_date", "ended_date", "acknowledged_at")
    )
    parts = sentences.part_texts(targets)
    open_ = {alarm.target_id for alarm in alarms if alarm.needs_somebody}
    return Beside(
        lines=tuple(
            _line(
                target, latest.get(target.pk), part=parts[target.pk], is_urgent=target.pk in open_
            )
            for target in targets
        ),
        marks=_marks([alarm for alarm in alarms if alarm.started_date >= period.start]),
    )


def on_metrics(request: HttpRequest, segment: str) -> dict[str, list[Goal]]:
    """Return the targets on facts about customers of one segment, "" for everybody."""
    if not request.user.has_perm(_VIEW):
        return {}
    wished = {"segment": segment} if segment else {}
    rows = Target.objects.filter(survey__isnull=True).order_by("pk")
    targets = [target for target in rows if target.filters == wished]
    if not targets:
        return {}
    latest = latest_days([target.pk for target in targets])
    urgent = set(waiting().filter(target__in=targets).values_list("target_id", flat=True))
    found: dict[str, list[Goal]] = {}
    for target in targets:
        line = _line(target, latest.get(target.pk), part="", is_urgent=target.pk in urgent)
        goal = sentences.goal_text(target, currency_of(target))
        found.setdefault(target.metric, []).append(
            Goal(goal, line.url, line.state, line.tone, line.note, line.is_urgent)
        )
    return found


def _marks(alarms: list[Alarm]) -> tuple[Mark, ...]:
    """Return one mark a week: alarms that started together tell of one thing."""
    weeks: dict[date, list[Alarm]] = {}
    for alarm in alarms:
        day = alarm.started_date
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(alarm)
    first = [sentences.weightiest(together) for together in weeks.values()]
    return tuple(
        Mark(alarm.started_date, sentences.mark_label(alarm.kind), is_bad=True) for alarm in first
    )


def _line(target: Target, day: TargetDay | None, *, part: str, is_urgent: bool) -> Line:
    state = day.state if day else ""
    unit, currency = sentences.unit_of(target), currency_of(target)
    name = target.survey.scale.name if target.metric == "score" and target.survey else None
    goal = sentences.goal_text(target, currency)
    title = f"{name or sentences.measure_of(target).name} {goal}"
    value = sentences.shown_text(day.value, unit, currency) if day else ""
    notes = [
        part,
        sentences.span_text(Period(day.start, day.stop)) if day else _("is being judged"),
        value,
        sentences.range_text(day.low, day.high, unit, currency) if day and value else "",
    ]
    return Line(
        title=title,
        url=address("staff:target", "", target.pk),
        state=sentences.state_words(state),
        tone=sentences.STATE_TONES.get(state, ""),
        note=" · ".join(note for note in notes if note),
        is_urgent=is_urgent,
    )
