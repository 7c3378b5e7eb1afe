"""Every metric as rows: one for each month and segment, as the pages and the API tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext as _

from analytics.exports.cells import Column
from analytics.exports.made import Batch, Made, Place, Row
from analytics.periods import Period, month_of, today
from analytics.statistics.result import Result
from analytics.success.catalogue import METRICS, MONTHS, MOST_MONTHS, Definition, facts_of_months
from analytics.success.kept import measured
from analytics.success.metrics.periods import add_months
from analytics.success.models import SubscriptionState
from surveys.api.filtering import DayFilter
from surveys.models import Segment

ALL = "all"  # in the filter: only all customers together


class _Form(forms.Form):
    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors:
            first, last = _asked(found)
            if not first <= last:
                self.add_error("until", _("This lies before the first day."))
            elif last >= add_months(first, MOST_MONTHS):
                most = _("These are more than %(most)s months.") % {"most": MOST_MONTHS}
                self.add_error("since", most)
        return found


class MetricFilters(filters.FilterSet):
    """What is asked for; nothing is stored that could be filtered."""

    metric = filters.ChoiceFilter(
        choices=lambda: [(name, name) for name in METRICS], help_text="Only this metric."
    )
    segment = filters.ChoiceFilter(
        choices=lambda: [(name, name) for name in (ALL, *_segments())],
        help_text="Only this segment; `all` is all customers together.",
    )
    since = DayFilter(help_text="Months from the one this day lies in on.")
    until = DayFilter(help_text="Months up to the one this day lies in.")

    class Meta:
        model = SubscriptionState
        fields: list[str] = []
        form = _Form


def _segments() -> list[str]:
    return list(Segment.objects.order_by("slug").values_list("slug", flat=True))


def _asked(found: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first days of the first and the last month."""
    last = (found.get("until") or today()).replace(day=1)
    first = found.get("since") or add_months(last, 1 - MONTHS)
    return first.replace(day=1), last


def metric_rows(found: Mapping[str, Any]) -> Made:
    """Return the rows; a batch is one segment, as one page computes or reads it."""
    first, last = _asked(found)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    slug, wanted = found.get("metric"), found.get("segment")
    asked = [METRICS[slug]] if slug else list(METRICS.values())
    groups = [_group(wanted)] if wanted else ["", *_segments()]

    def after(place: Place | None) -> Batch:
        left = groups if place is None else groups[groups.index(place[0]) + 1 :]
        if not left:
            return Batch([], None)
        rows = _rows(asked, month_of(last), months, left[0])
        return Batch(rows, left[:1] if left[1:] else None)

    return Made(lambda: len(groups) * len(asked) * months, after)


def _group(wanted: str) -> str:
    return "" if wanted == ALL else wanted


def _rows(asked: Sequence[Definition], period: Period, months: int, segment: str) -> list[Row]:
    facts = facts_of_months(period, months, segment=segment)
    found = measured(asked, facts, period, months)
    return [
        _row(slug, segment, span, result)
        for slug, each in found.items()
        for span, result in each.months
    ]


def _row(slug: str, segment: str, span: Period, result: Result) -> Row:
    told = result.as_dict()
    interval = told["interval"] or {}
    return {
        "metric": slug,
        "segment": segment,
        "first_date": span.start.isoformat(),
        "last_date": span.last.isoformat(),
        **{name: told[name] for name in _PLAIN},
        "interval_low": interval.get("low"),
        "interval_high": interval.get("high"),
        "interval_level": interval.get("level"),
        "interval_method": interval.get("method", ""),
        "definition_version": METRICS[slug].version,
        "computed_at": told["computed_at"] or None,
        "parts": told["parts"],
    }


_PLAIN = ("value", "unit", "currency", "status", "reason", "n", "numerator", "denominator",
          "pending", "convention", "zone")  # fmt: skip


def metric_columns(_slug: str) -> list[Column]:
    """Return the columns of metrics; `value` is as the API gives it (fractions, seconds, money)."""
    return [
        Column("metric", None),
        Column("segment", None, is_text=True),
        Column("first_date", None, "date"),
        Column("last_date", None, "date"),
        Column("value", None, "number"),
        Column("unit", None),
        Column("currency", None),
        Column("status", None),
        Column("reason", None),
        Column("n", None, "integer"),
        Column("numerator", None, "number"),
        Column("denominator", None, "number"),
        Column("interval_low", None, "number"),
        Column("interval_high", None, "number"),
        Column("interval_level", None, "number"),
        Column("interval_method", None),
        Column("pending", None, "integer"),
        Column("convention", None, is_text=True),
        Column("definition_version", None, "integer"),
        Column("zone", None),
        Column("computed_at", None, "instant"),
        Column("parts", None, "json"),
    ]
