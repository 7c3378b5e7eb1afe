"""What the pages of targets show, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.charts.bars import Whisker, axis_for, draw_whisker
from analytics.charts.lines import Bounds, Goal, Mark, Point, draw_trend
from analytics.periods import Period, query_of
from analytics.statistics.guards import guard_of
from analytics.statistics.result import Number, Unit
from analytics.success.spans import name_of as month_name
from analytics.targets import sentences, spans
from analytics.targets.judging import Judged, Outlook
from analytics.targets.listing import Row
from analytics.targets.models import Alarm, Target, TargetClose
from analytics.targets.service import ends_of
from outbox.staff.attention import address
from outbox.staff.people import name_of


@dataclass(frozen=True, slots=True)
class Card:
    """A figure against its goal."""

    span: str
    value: str
    interval: str
    n: str
    is_grey: bool
    state: str
    tone: str
    words: str
    is_running: bool


# ---- The list --------------------------------------------------------------------------------


def headline(rows: Sequence[Row]) -> str:
    """State how the targets stand, in one sentence."""
    if not rows:
        return _("What do you want to reach?")
    missed = [row for row in rows if row.state == "missed"]
    met = [row for row in rows if row.state == "met"]
    if len(missed) == 1:
        name = sentences.name_of(missed[0].target)
        first = _("%(target)s misses its goal.") % {"target": name}
    elif missed:
        first = _("%(n)s targets are missed.") % {"n": figures.count_text(len(missed))}
    else:
        first = _("No target is missed.")
    said = ngettext("%(n)s of %(all)s is met.", "%(n)s of %(all)s are met.", len(met))
    return f"{first} " + said % {
        "n": figures.count_text(len(met)),
        "all": figures.count_text(len(rows)),
    }


def list_lines(rows: Sequence[Row], currency: str) -> list[dict[str, Any]]:
    parts = sentences.part_texts(row.target for row in rows)
    return [_line(row, currency, part=parts[row.target.pk]) for row in rows]


def _line(row: Row, currency: str, *, part: str) -> dict[str, Any]:
    target, day = row.target, row.day
    unit = sentences.unit_of(target)
    return {
        "name": sentences.name_of(target),
        "part": part,
        "url": address("staff:target", "", target.pk),
        "goal": sentences.goal_text(target, currency),
        "period": target.get_period_display(),
        "owner": owner_name(target),
        "value": sentences.shown_text(day.value, unit, currency) if day else "",
        "interval": sentences.range_text(day.low, day.high, unit, currency) if day else "",
        "few": (sentences.reason_words(day.reason, day.n) if day.value is None else "")
        if day
        else _("is being judged"),
        "span": sentences.span_text(Period(day.start, day.stop)) if day else "",
        "whisker": _whisker(day.value, day.low, day.high, target) if day else None,
        "state": sentences.state_words(row.state) if day else "",
        "tone": sentences.STATE_TONES.get(row.state, ""),
        "alarms": ngettext("one alarm", "%(n)s alarms", len(row.alarms))
        % {"n": figures.count_text(len(row.alarms))}
        if row.alarms
        else "",
        "is_urgent": row.needs_somebody,
    }


def owner_name(target: Target) -> str:
    return name_of(target.owner)


def _whisker(
    value: float | None, low: float | None, high: float | None, target: Target
) -> Whisker | None:
    """Draw a figure with its interval on a line that shows its goal."""
    if value is None:
        return None
    unit, goal = sentences.unit_of(target), float(target.goal)
    ends = [end for end in (low, value, high, goal) if end is not None]
    bounds = _bounds(unit, target, ends)
    axis = axis_for(ends, bounds=(bounds.low, bounds.high), least=bounds.least)
    here = value if low is None else low
    there = value if high is None else high
    return draw_whisker(value, here, there, axis=axis, zero=goal)


def _bounds(unit: Unit, target: Target, values: Sequence[float]) -> Bounds:
    low, high = ends_of(unit, target.survey)
    top = float(high) if high is not None else max([1.0, *values]) * 2
    least = {"points": 40.0, "fraction": 0.1, "mean": (top - low) / 4}.get(unit, 0.0)
    return Bounds(float(low), top, least or max(1e-6, 0.2 * max(values, default=1.0)))


# ---- One target ------------------------------------------------------------------------------


def finding(target: Target, seen: Outlook, currency: str) -> str:
    """State how the target stands, in one sentence."""
    judged = seen.deciding
    name, span = sentences.name_of(target), sentences.span_text(judged.period)
    goal = sentences.goal_text(target, currency)
    values = {
        "name": name,
        "value": sentences.shown_text(judged.result.value, judged.result.unit, currency),
        "goal": goal,
        "span": span,
    }
    if judged.state.state is None:
        return _("%(name)s: too few to say whether it is %(goal)s") % values
    said = {
        "met": _("%(name)s is %(value)s: %(goal)s is met"),
        "missed": _("%(name)s is %(value)s: %(goal)s is missed"),
        "unclear": _("%(name)s is %(value)s: whether it is %(goal)s is unclear"),
    }
    return said[judged.state.state] % values


def card(target: Target, judged: Judged, currency: str, *, on: date) -> Card:
    result, state = judged.result, judged.state
    unit = result.unit
    interval = result.interval
    has_value = result.value is not None
    gap = None if state.gap is None else float(state.gap)
    return Card(
        span=sentences.span_text(judged.period),
        value=sentences.shown_text(result.value, unit, currency),
        interval=sentences.range_text(interval.low, interval.high, unit, currency)
        if interval
        else "",
        n=figures.count_text(result.n) if result.n and target.survey else "",
        is_grey=bool(target.survey) and guard_of(result).is_grey,
        state=sentences.state_words(state.state or ""),
        tone=sentences.STATE_TONES.get(state.state or "", ""),
        words=sentences.gap_words(state.state or "", gap, unit, currency)
        if state.state
        else (sentences.reason_words(state.reason, result.n) if not has_value else _("indicative")),
        is_running=spans.is_calendar(target.period) and judged.period.stop > on,
    )


def ruler(target: Target, judged: Judged, currency: str) -> dict[str, Any] | None:
    """Return the figure on a line with the goal, and the words at its ends."""
    value, interval = judged.result.value, judged.result.interval
    if value is None:
        return None
    low = float(interval.low) if interval else None
    high = float(interval.high) if interval else None
    mark = _whisker(float(value), low, high, target)
    return {"mark": mark, "goal": sentences.goal_text(target, currency)}


def trend(
    target: Target, judged: Sequence[Judged], alarms: Sequence[Alarm], currency: str
) -> dict[str, Any]:
    """Return the periods drawn against the goal, for wide and narrow screens."""
    unit = sentences.unit_of(target)
    known = [i for i, one in enumerate(judged) if one.result.value is not None]
    judged = judged[known[0] :] if known else judged[-1:]
    values = [float(one.result.value) for one in judged if one.result.value is not None]
    return {
        name: draw_trend(
            [_point(one, target, currency) for one in judged],
            bounds=_bounds(unit, target, [*values, float(target.goal)]),
            width=width,
            value_text=lambda value: sentences.value_text(value, unit, currency),
            day_text=sentences.short_span if spans.is_calendar(target.period) else figures.day_text,
            since=judged[0].period.start,
            marks=[
                Mark(alarm.started_date, sentences.mark_label(alarm.kind), is_bad=True)
                for alarm in alarms
                if alarm.started_date >= judged[0].period.start
            ],
            goal=Goal(
                float(target.goal),
                _("goal %(goal)s") % {"goal": sentences.goal_text(target, currency)},
            ),
        )
        for name, width in (("wide", 640.0), ("narrow", 340.0))
    }


def _point(judged: Judged, target: Target, currency: str) -> Point:
    result = judged.result
    interval = result.interval
    shown = sentences.shown_text(result.value, result.unit, currency) or _("too few to say")
    return Point(
        judged.period.start,
        judged.period.stop,
        None if result.value is None else float(result.value),
        float(interval.low) if interval else None,
        float(interval.high) if interval else None,
        n=result.n,
        title=f"{sentences.span_text(judged.period)}: {shown}",
        is_faint=judged.state.state is None,
    )


def period_rows(
    target: Target,
    judged: Sequence[Judged],
    closes: Mapping[date, TargetClose],
    currency: str,
    *,
    on: date,
) -> list[dict[str, Any]]:
    """Return the table behind the trend, newest first: each period now, and as it was closed."""
    return [
        {
            "card": card(target, one, currency, on=on),
            "url": source_url(target, one.period),
            "closed": _closed_text(one, closes.get(one.period.start), target, currency),
        }
        for one in reversed(judged)
    ]


def _closed_text(judged: Judged, close: TargetClose | None, target: Target, currency: str) -> str:
    """Say what a period was closed at, when that is not what it is now."""
    if close is None:
        return ""
    unit = judged.result.unit
    was = sentences.shown_text(close.value, unit, currency) or _("too few to say")
    now = judged.result.value
    is_same = close.n == judged.result.n and _nearly(close.value, now)
    state = sentences.state_words(close.state)
    if is_same:
        return _("closed as %(state)s") % {"state": state.lower()}
    return _("closed at %(value)s, %(state)s; restated since") % {
        "value": was,
        "state": state.lower(),
    }


def _nearly(was: float | None, now: Number | None) -> bool:
    if was is None or now is None:
        return was is None and now is None
    return abs(was - float(now)) < 1e-9


def source_url(target: Target, period: Period) -> str:
    """Return the page the figure comes from, with the same days and filters."""
    if target.survey is not None:
        days = {"from": period.start.isoformat(), "to": period.last.isoformat()}
        query = "&".join(f"{k}={v}" for k, v in {**days, **target.filters}.items())
        return address("staff:survey", query, target.survey.slug)
    month = month_name(period)
    days = {"period": month} if month else query_of(period)
    query = "&".join(f"{k}={v}" for k, v in {**days, **target.filters}.items())
    return address("staff:metric", query, target.metric)


def waiting_text(alarms: Sequence[Alarm]) -> str:
    """Return what the button says that takes the open alarms on; "" when none waits."""
    count = sum(alarm.needs_somebody for alarm in alarms)
    if not count:
        return ""
    return ngettext("I look after it", "I look after all %(n)s", count) % {
        "n": figures.count_text(count)
    }


def alarm_lines(alarms: Sequence[Alarm], currency: str) -> list[dict[str, Any]]:
    """Return the history of alarms, newest first."""
    return [
        {
            "title": alarm.get_kind_display(),
            "started": alarm.started_date,
            "words": sentences.alarm_words(alarm, currency),
            "ended": sentences.ended_words(alarm),
            "is_open": alarm.ended_date is None,
            "needs_somebody": alarm.needs_somebody,
            "told": _("The owner was told by mail.")
            if alarm.is_told
            else _("Nobody was told by mail."),
            "seen": _("%(who)s looks after it since %(day)s.")
            % {
                "who": alarm.acknowledged_by,
                "day": figures.day_text(alarm.acknowledged_at.date(), has_year=True),
            }
            if alarm.acknowledged_at
            else "",
        }
        for alarm in alarms
    ]


def watched_words(target: Target) -> list[str]:
    """Say which alarms listen to this target, and to what."""
    measure = sentences.measure_of(target)
    said = [
        _("Goal missed: when the whole interval misses it on two mornings in a row, until the "
          "value itself reaches the goal again.")
    ]  # fmt: skip
    if measure.change:
        said.append(
            _("Real change: when it really got worse than in the equally long time before, on "
              "two mornings in a row.")
        )  # fmt: skip
    if measure.weeks and not (target.metric == "negative-share" and target.filters):
        said.append(
            _("Lasting drift: when the weeks leave the limits of the EWMA or CUSUM chart, which "
              "see a slow slide months before a plain comparison.")
        )  # fmt: skip
    return said
