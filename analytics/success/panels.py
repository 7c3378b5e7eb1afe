"""What the metric pages show, ready to print: cards, trends, bridge, triangle, histogram."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.bars import draw_columns
from analytics.charts.lines import Bounds, Point, draw_spark, draw_trend
from analytics.periods import Period
from analytics.statistics.result import Number, Result
from analytics.statistics.spread import sorted_array
from analytics.success import words
from analytics.success.catalogue import GROUPS, Definition
from analytics.success.cohort_reports import cohorts_of
from analytics.success.drawings import Step, binned, draw_bridge
from analytics.success.goals import Goal, Goals
from analytics.success.metrics.movements import KINDS
from analytics.success.queries import Facts
from analytics.success.spans import span_query

Months = Sequence[tuple[Period, Result]]
_LARGE = 1e12


def address(slug: str, period: Period, segment: str = "") -> str:
    """Return the address of a metric's page ("" is the overview)."""
    found = reverse("staff:metric", args=[slug]) if slug else reverse("staff:metrics")
    return with_period(found, period, segment)


def with_period(address: str, period: Period, segment: str) -> str:
    """Return an address that says which days and which segment it is about."""
    query = span_query(period) | ({"segment": segment} if segment else {})
    return f"{address}?{urlencode(query)}" if query else address


@dataclass(frozen=True, slots=True)
class Card:
    """One metric on the overview; `reason` stands where there is no value."""

    name: str
    url: str
    value: str
    interval: str
    base: str
    reason: str
    is_provisional: bool
    before: str
    tone: str
    spark: Any
    spark_label: str
    goals: Sequence[Goal]


def cards(
    measured: Sequence[tuple[Definition, Months]], segment: str, goals: Goals
) -> list[dict[str, Any]]:
    """Return the groups of the overview that have cards."""
    groups = {
        name: [
            _card(found, months, segment, goals.get(found.slug, ()))
            for found, months in measured
            if found.group == group
        ]
        for group, name in GROUPS.items()
    }
    return [{"name": name, "cards": listed} for name, listed in groups.items() if listed]


def _card(found: Definition, months: Months, segment: str, goals: Sequence[Goal]) -> Card:
    period, result = months[-1]
    before = months[-2][1] if len(months) > 1 else result
    has_value = result.value is not None
    return Card(
        name=str(found.name),
        url=address(found.slug, period, segment),
        value=_value(result),
        interval=words.interval(result),
        base=words.base(result),
        reason="" if has_value else words.reason(result),
        is_provisional=result.status == "provisional",
        before=_before(before) if has_value else "",
        tone=_tone(found, result, before),
        spark=draw_spark(points_of(months), bounds=Bounds(-_LARGE, _LARGE, _least(result))),
        spark_label=_("%(name)s by month, the last 13 months") % {"name": found.name},
        goals=goals,
    )


def _value(result: Result) -> str:
    if result.value is None:
        return ""
    return words.value(result.value, result.unit, result.currency)


def _before(before: Result) -> str:
    if before.value is None:
        return ""
    text = words.value(before.value, before.unit, before.currency)
    return _("%(value)s the month before") % {"value": text}


def _tone(found: Definition, now: Result, before: Result) -> str:
    """Return positive or negative only where the change is surely one: intervals apart."""
    if now.interval is None or before.interval is None or not found.better:
        return ""
    if float(now.interval.low) > float(before.interval.high):
        return "positive" if found.better == "up" else "negative"
    if float(now.interval.high) < float(before.interval.low):
        return "negative" if found.better == "up" else "positive"
    return ""


def _least(result: Result) -> float:
    if result.unit == "fraction":
        return 0.05
    return max(1e-6, abs(float(result.value or 0)) * 0.05)


# ---- The months ----------------------------------------------------------------------


def points_of(months: Months) -> list[Point]:
    return [
        Point(
            period.start,
            period.stop,
            None if result.value is None else float(result.value),
            float(result.interval.low) if result.interval else None,
            float(result.interval.high) if result.interval else None,
            n=result.n,
            title=_month_title(period, result),
            is_faint=result.status == "provisional",
        )
        for period, result in months
    ]


def _month_title(period: Period, result: Result) -> str:
    text = words.reason(result)
    if result.value is not None:
        text = words.value(result.value, result.unit, result.currency)
    return f"{words.span(period)}: {text}"


def trend(months: Months) -> dict[str, Any]:
    """Return the drawings of the months for wide and narrow screens; None without a value."""
    result = months[-1][1]
    ceiling = {"fraction": 1.0, "points": 100.0}.get(result.unit, _LARGE)
    floor = -100.0 if result.unit == "points" else 0.0
    values = [float(r.value) for _period, r in months if r.value is not None]
    bounds = Bounds(
        min([floor, *values]),
        max([ceiling, *values]),
        max(_least(result), 0.1 * max([0.0, *values])),
    )
    return {
        name: draw_trend(
            points_of(months),
            bounds=bounds,
            width=width,
            value_text=lambda v: axis_text(v, result),
            day_text=lambda day: figures.date_format(day, "M"),
            since=months[0][0].start,
        )
        for name, width in (("wide", 640.0), ("narrow", 346.0))
    }


def axis_text(value: float, result: Result) -> str:
    """Return a short label of an axis: 12k, 40 %, 2 h."""
    if result.unit == "fraction":
        return figures.share_text(value)
    if result.unit == "seconds" and value >= 3600:
        return _("%(n)s h") % {"n": figures.number(value / 3600, decimals=int(value % 3600 > 0))}
    if result.unit == "seconds":
        return _("%(n)s min") % {"n": figures.number(value / 60)}
    if abs(value) >= 10_000:
        return f"{figures.number(value / 1000)}k"
    return figures.number(value, decimals=0 if float(value).is_integer() else 1)


def month_rows(months: Months) -> list[dict[str, str]]:
    """Return the table of the months, newest first."""
    return [
        {
            "span": words.span(period),
            "value": words.value(r.value, r.unit, r.currency) if r.value is not None else "",
            "reason": "" if r.value is not None else words.reason(r),
            "interval": words.interval(r),
            "base": words.base(r),
        }
        for period, r in reversed(months)
    ]


# ---- Charts of one metric ------------------------------------------------------------


def bridge_panel(result: Result, period: Period) -> dict[str, Any] | None:
    """Return the bridge of recurring revenue with its sum in words; None without revenue."""
    if result.value is None:
        return None
    parts, counts = result.parts, result.parts["counts"]
    names = _movement_names()
    signs = {"contraction": -1, "churn": -1}
    moves = [
        Step(
            names[kind],
            signs.get(kind, 1) * float(parts[kind]),
            _("%(n)s accounts") % {"n": counts[kind]} if counts[kind] != 1 else _("1 account"),
        )
        for kind in KINDS
    ]
    levels = [
        Step(figures.day_text(period.start), float(parts["start"]), _("start"), True),
        *moves,
        Step(figures.day_text(period.last), float(parts["end"]), _("end"), True),
    ]
    drawings = {
        name: draw_bridge(
            levels,
            width=width,
            text=lambda v: figures.number(v),
            step_text=lambda v: figures.number(v, is_signed=True),
        )
        for name, width in (("wide", 640.0), ("narrow", 346.0))
    }
    gained = sum(parts[kind] for kind in ("new", "reactivation", "expansion"))
    lost = parts["contraction"] + parts["churn"]
    return drawings | {
        "label": ", ".join(f"{s.name} {figures.number(s.amount)}" for s in levels),
        "sum": _("Adds to the cent: %(start)s + %(gained)s − %(lost)s = %(end)s")
        % {
            "start": cents(parts["start"]),
            "gained": cents(gained),
            "lost": cents(lost),
            "end": cents(parts["end"]),
        },
        "fx": words.money(parts["fx"], result.currency, is_signed=True) if parts["fx"] else "",
    }


def cents(amount: Number) -> str:
    return figures.number(amount, decimals=2)


def _movement_names() -> dict[str, str]:
    return {
        "new": _("New"),
        "reactivation": _("Back again"),
        "expansion": _("Expansion"),
        "contraction": _("Contraction"),
        "churn": _("Churn"),
    }


def movement_name(kind: str) -> str:
    return _movement_names()[kind]


def triangle(facts: Facts, months: Months) -> list[dict[str, Any]]:
    """Return cohorts by month of first payment; each cell has text and a shade 0..10."""
    rows = []
    for period, cohort in cohorts_of(facts, [span for span, _result in months]):
        if cohort.size:
            kept = [count / cohort.size for count in cohort.kept]
            rows.append(
                {
                    "name": figures.date_format(period.start, "M Y"),
                    "size": cohort.size,
                    "cells": [
                        {"text": figures.share_text(share), "shade": round(10 * share)}
                        for share in kept
                    ],
                }
            )
    return rows


def histogram(values: Sequence[float], *, is_days: bool = False) -> list[dict[str, Any]]:
    """Return the columns of a histogram of seconds, or of days."""
    scale = 1.0 if is_days else 60.0
    unit = _("%(low)s–%(high)s days") if is_days else _("%(low)s–%(high)s min")
    ordered = sorted_array(array("d", values))
    if not is_days and len(ordered) and ordered[len(ordered) // 2] > 2 * 3600:
        scale, unit = 3600.0, _("%(low)s–%(high)s h")
    bins = binned(ordered / scale, most=9)
    columns = draw_columns([found.count for found in bins])
    return [
        {
            "column": column,
            "count": figures.count_text(found.count),
            "name": unit % {"low": f"{found.low:g}", "high": f"{found.high:g}"},
        }
        for found, column in zip(bins, columns, strict=True)
    ]


def funnel(steps: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return steps of a funnel with the length of each bar and its share of the first."""
    first = steps[0][1] if steps else 0
    return [
        {
            "name": name,
            "count": figures.count_text(count),
            "length": f"{100 * count / first:.1f}%" if first else "0%",
            "share": figures.share_text(count / first) if first else "",
        }
        for name, count in steps
    ]
