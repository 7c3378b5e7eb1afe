"""Targets in words: their name, their goal, their state, their alarms. Whole sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import Period
from analytics.scores.filtering import filter_options, part_words
from analytics.scores.slices import Slice
from analytics.statistics.result import Number, Unit
from analytics.success import words
from analytics.targets.judging import measure_of
from analytics.targets.models import Alarm, Target


def unit_of(target: Target) -> Unit:
    return measure_of(target).unit_of(target.survey)


def value_text(value: Number, unit: Unit, currency: str = "") -> str:
    """Return a value in the words of its unit: +42, 87 %, €1,200, 8 h 30 min."""
    if unit in ("money", "seconds", "count"):
        return words.value(value, unit, currency)
    return figures.value_text(value, unit, is_exact=not _is_round(value, unit))


def _is_round(value: Number, unit: Unit) -> bool:
    """Say whether a goal needs no decimals: 45 does not, 12.5 % does."""
    shown = 100 * float(value) if unit == "fraction" else float(value)
    return abs(shown - round(shown, int(unit == "mean"))) < 1e-9


def range_text(low: Number | None, high: Number | None, unit: Unit, currency: str = "") -> str:
    """Return where the true value likely lies; "" without an interval."""
    if low is None or high is None:
        return ""
    is_exact = unit == "fraction" and min(low, high) < SMALL
    ends = [_short(end, unit, currency, is_exact=is_exact) for end in (low, high)]
    return f"{ends[0].removesuffix(figures.PERCENT)} … {ends[1]}"


SMALL = 0.1
"""Shares below this are written with one digit more."""


def _short(value: Number, unit: Unit, currency: str, *, is_exact: bool = False) -> str:
    if unit in ("money", "seconds", "count"):
        return words.value(value, unit, currency)
    return figures.value_text(value, unit, is_exact=is_exact)


def shown_text(value: Number | None, unit: Unit, currency: str = "") -> str:
    """Return a measured value; "" where there is none."""
    if value is None:
        return ""
    return _short(value, unit, currency, is_exact=unit == "fraction" and value < SMALL)


def name_of(target: Target) -> str:
    """Return what is measured: Customer relationship, NPS; Customer churn."""
    measure = measure_of(target)
    if target.survey is None:
        return str(measure.name)
    if target.metric == "score":
        return f"{target.survey.name}, {target.survey.scale.name}"
    return f"{target.survey.name}, {_lower(str(measure.name))}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def part_texts(targets: Iterable[Target]) -> dict[int, str]:
    """Return what each is limited to, by names: Growth, E-mail; "" for everybody. Few queries."""
    listed = list(targets)
    options = filter_options() if any(target.filters for target in listed) else {}
    return {
        target.pk: ", ".join(name for _wish, name in part_words(Slice(**target.filters), options))
        for target in listed
    }


def goal_text(target: Target, currency: str = "") -> str:
    """Return the goal with its direction: at least +45."""
    return goal_words(target.goal, target.direction, unit_of(target), currency)


def goal_words(goal: Number, direction: str, unit: Unit, currency: str = "") -> str:
    text = value_text(goal, unit, currency)
    if direction == Target.Direction.AT_LEAST:
        return _("at least %(goal)s") % {"goal": text}
    return _("at most %(goal)s") % {"goal": text}


def title_of(target: Target, currency: str = "") -> str:
    """Return a target in one line: Customer relationship, NPS: at least +45."""
    return f"{name_of(target)}: {goal_text(target, currency)}"


def state_words(state: str) -> str:
    known = {
        "met": _("Met"),
        "missed": _("Missed"),
        "unclear": _("Unclear"),
    }
    return known.get(state, _("Too few to say"))


_WEIGHT = (Alarm.Kind.LEVEL, Alarm.Kind.DRIFT, Alarm.Kind.CHANGE)


def weightiest(alarms: Iterable[Alarm]) -> Alarm:
    """Return the alarm that says most: a missed goal, then a lasting drift, then a change."""
    return min(alarms, key=lambda alarm: _WEIGHT.index(Alarm.Kind(alarm.kind)))


STATE_TONES = {"met": "positive", "missed": "negative", "unclear": "outline"}


def reason_words(reason: str, n: int) -> str:
    """Say why there is nothing to judge."""
    known = {
        "no_responses": _("no answers in this time"),
        "too_few_to_show": _("too few to say (n %(n)s)") % {"n": figures.count_text(n)},
        "no_population": _("nobody to count in this time"),
        "immature_cohort": _("too early: nobody’s time is over yet"),
        "insufficient_history": _("not enough history before this time"),
        "insufficient_data": _("too little is known, or too much to combine on the spot"),
        "not_configured": _("no facts of this kind have been sent yet"),
        "not_by_segment": _("costs are told for the whole company, not for a segment"),
        "zero_churn": _("nobody left, so there is no end to estimate"),
        "currency_rate_missing": _("an exchange rate is missing"),
    }
    return known.get(reason, _("nothing to judge"))


def gap_words(state: str, gap: float | None, unit: Unit, currency: str = "") -> str:
    """Say by how much: by 3; 4 short, but that could be chance; "" where it cannot be said."""
    if gap is None or not state:
        return ""
    size = _delta(abs(gap), unit, currency)
    if state in ("met", "missed"):
        return _("by %(size)s") % {"size": size}
    if gap >= 0:
        return _("%(size)s on the good side, but that could be chance") % {"size": size}
    return _("%(size)s short, but that could be chance") % {"size": size}


def _delta(size: float, unit: Unit, currency: str) -> str:
    if unit == "fraction":
        points = figures.delta_text(size, unit, is_exact=size < 0.1, is_signed=False)
        return _("%(n)s percentage points") % {"n": points}
    if unit in ("money", "seconds", "count"):
        return words.value(size, unit, currency)
    return figures.delta_text(size, unit, is_exact=size < 1, is_signed=False)


def span_text(period: Period) -> str:
    """Return the name of a calendar period, else its days: October 2026, Q4 2026, 2026."""
    start, stop = period.start, period.stop
    months = (stop.year - start.year) * 12 + stop.month - start.month
    if start.day != 1 or stop.day != 1:
        return figures.days_text(start, period.last)
    if months == 1:
        return words.span(period)
    if months == 3 and start.month % 3 == 1:
        return _("quarter %(n)s of %(year)s") % {"n": start.month // 3 + 1, "year": start.year}
    if months == 12 and start.month == 1:
        return str(start.year)
    return figures.days_text(start, period.last)


def short_span(start: date) -> str:
    """Return the short name of the month a period starts in, for an axis."""
    return str(MONTHS[start.month])[:3]


# ---- Alarms --------------------------------------------------------------------------------


def alarms_title(alarms: Sequence[Alarm]) -> str:
    """Say what happened to one target: Customer relationship, NPS: goal missed, lasting drift."""
    order = list(Alarm.Kind)
    kinds = sorted(alarms, key=lambda alarm: order.index(Alarm.Kind(alarm.kind)))
    said = ", ".join(alarm.get_kind_display() for alarm in kinds)
    return f"{name_of(kinds[0].target)}: {said}"


def alarm_words(alarm: Alarm, currency: str = "") -> str:
    """Say with which numbers: +31, likely +24 … +38; goal at least +45."""
    target = alarm.target
    unit = unit_of(target)
    parts = {
        "value": shown_text(alarm.value, unit, currency) or _("nothing"),
        "range": range_text(alarm.low, alarm.high, unit, currency),
        "goal": goal_words(alarm.goal, target.direction, unit, currency),
    }
    said = (
        _("%(value)s, likely %(range)s; goal %(goal)s.") % parts
        if parts["range"]
        else _("%(value)s; goal %(goal)s.") % parts
    )
    if alarm.kind == Alarm.Kind.DRIFT and alarm.since_date:
        day = figures.day_text(alarm.since_date, has_year=True)
        return said + " " + _("It has moved since the week of %(day)s.") % {"day": day}
    if alarm.kind == Alarm.Kind.CHANGE:
        return said + " " + _("Chance alone rarely makes a move this big.")
    return said


def mark_label(kind: str) -> str:
    """Return what stands at an alarm's mark in a chart."""
    return {
        Alarm.Kind.LEVEL: _("Alarm: goal missed"),
        Alarm.Kind.CHANGE: _("Alarm: real change"),
        Alarm.Kind.DRIFT: _("Alarm: lasting drift"),
    }[Alarm.Kind(kind)]


def ended_words(alarm: Alarm) -> str:
    """Say how long it lasted and how it ended; "" while it is open."""
    if alarm.ended_date is None:
        return ""
    lasted = max(1, (alarm.ended_date - alarm.started_date) // timedelta(days=1))
    return _("%(end)s on %(day)s, after %(n)s days") % {
        "end": alarm.get_end_display(),
        "day": figures.day_text(alarm.ended_date, has_year=True),
        "n": figures.count_text(lasted),
    }
