"""The screens of this wing: all metrics at a glance, and one page for each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics import figures
from analytics.periods import NAMES, BadPeriod, Period, period_named, today
from analytics.statistics.result import Result
from analytics.success import ages, charts, panels, words
from analytics.success.behind import rows_behind
from analytics.success.catalogue import (
    GROUPS,
    METRICS,
    MONTHS,
    Definition,
    facts_of_months,
    month_of,
    months_to,
)
from analytics.success.goals import goals_on
from analytics.success.keeping import Task, ask
from analytics.success.kept import Measured, measured
from analytics.success.kinds import KINDS
from analytics.success.metrics.periods import add_months
from analytics.success.queries import Facts
from analytics.success.spans import last_month, name_of, read_span
from analytics.success.tables import Table, named, table_from
from outbox.replica import reads_replica
from outbox.staff.pages import staff_page
from surveys.models import Segment

_VIEW = "success.view_subscriptionstate"


def _asked(request: HttpRequest) -> tuple[Period, Facts]:
    """Return period and facts of the address; what cannot be understood is said and left out."""
    try:
        period = read_span(request.GET)
    except BadPeriod as error:
        messages.warning(request, _("That time could not be understood: %s") % error)
        period = last_month()
    try:
        return period, facts_of_months(period, MONTHS, segment=request.GET.get("segment", ""))
    except LookupError as error:
        messages.warning(request, str(error))
        return period, facts_of_months(period, MONTHS)


@require_safe
@staff_page(_VIEW)
@reads_replica
def overview(request: HttpRequest) -> HttpResponse:
    """How do customers fare: stay, pay, use, get help?"""
    period, facts = _asked(request)
    found = measured(list(METRICS.values()), facts, period, MONTHS)
    has_facts = any(model_has_rows() for model_has_rows in _fact_tables())
    return render(
        request,
        "analytics/success/overview.html",
        {
            "heading": _overview_heading({slug: m.result for slug, m in found.items()}, period),
            "age": ages.age_panel(found.values(), [*GROUPS], period, facts.segment),
            "span": words.span(period),
            "tools": _tools(request, period, facts.segment),
            "groups": panels.cards(
                [
                    (METRICS[slug], each.months)
                    for slug, each in found.items()
                    if has_facts or each.result.n
                ],
                facts.segment,
                goals_on(request, facts.segment),
            ),
            "has_facts": has_facts,
            "kinds": [(kind.slug, kind.name) for kind in KINDS.values()],
        },
    )


def _fact_tables() -> list[Any]:
    tables = [kind.model for slug, kind in KINDS.items() if slug != "customers"]
    return [table._default_manager.exists for table in tables]


def _overview_heading(results: dict[str, Result], period: Period) -> str:
    """State the finding: where revenue went, and how many left."""
    moved, left = results["mrr-movements"], results["customer-churn"]
    if moved.value is None or not moved.n:
        return _("Customer metrics")
    told = _moved(moved, period)
    if left.value is None:
        return told + "."
    lost = _("%(k)s of %(n)s customers left.") % {
        "k": figures.number(left.numerator or 0),
        "n": figures.number(left.denominator or 0),
    }
    return f"{told}; {lost}"


def _moved(result: Result, period: Period) -> str:
    change = result.value or 0
    grew = _("Recurring revenue grew by %(change)s in %(span)s")
    fell = _("Recurring revenue fell by %(change)s in %(span)s")
    size = -change if change < 0 else change
    amount = words.money(size, result.currency)
    return (fell if change < 0 else grew) % {"change": amount, "span": words.span(period)}


@require_safe
@staff_page(_VIEW)
@reads_replica
def metric(request: HttpRequest, slug: str) -> HttpResponse:
    """What is this number made of, how did it move, and who is behind it?"""
    found = METRICS.get(slug)
    if found is None:
        raise Http404
    period, facts = _asked(request)
    shown = measured([found], facts, period, MONTHS)[slug]
    months, result = shown.months, shown.result
    chart, behind = _drawn(slug, shown, facts, period)
    has_value = result.value is not None
    return render(
        request,
        "analytics/success/metric.html",
        {
            "metric": found,
            "group": panels.GROUPS[found.group],
            "span": words.span(period),
            "overview_url": panels.address("", period, facts.segment),
            "tools": _tools(request, period, facts.segment),
            "heading": _heading(found, months),
            "value": words.value(result.value, result.unit, result.currency)  # type: ignore[arg-type]
            if has_value
            else "",
            "reason": "" if has_value else words.reason(result),
            "result": result,
            "base": words.base(result),
            "interval": words.interval(result),
            "goals": goals_on(request, facts.segment).get(slug, ()),
            "parts": charts.parts_of(result),
            "trend": panels.trend([month for month in months if name_of(month[0])]),
            "rows": panels.month_rows(months),
            "chart": chart,
            "behind": behind,
            "age": ages.age_panel([shown], [slug], period, facts.segment),
            "needs": [KINDS[name].name for name in found.needs],
            "computed": timezone.localtime(shown.age.computed_at if shown.age else facts.as_of),
            "zone": facts.zone,
        },
    )


def _drawn(
    slug: str, shown: Measured, facts: Facts, period: Period
) -> tuple[charts.Chart | None, Table | None]:
    """Return chart and rows behind: as they were kept, or drawn now."""
    if not shown.is_kept:
        table = rows_behind(slug, facts, period)
        return charts.chart_of(slug, facts, shown.months), table and named(table)
    by_language = shown.drawn or {}
    kept = by_language.get(get_language() or "") or by_language.get(settings.LANGUAGE_CODE) or {}
    return kept.get("chart"), table_from(kept.get("behind"))


@require_POST
@staff_page(_VIEW)
def compute(request: HttpRequest, group: str = "") -> HttpResponse:
    """Ask for kept figures to be computed now: of one metric, or of all."""
    if group and group not in METRICS:
        raise Http404
    period, facts = _asked(request)
    for name in [group] if group else GROUPS:
        ask(Task(facts.segment, period, name))
    return redirect(panels.address(group, period, facts.segment))


def _heading(found: Definition, months: list[tuple[Period, Result]]) -> str:
    """State the finding in one sentence: the value, and where it came from."""
    period, result = months[-1]
    if result.value is None:
        return str(found.name)
    if found.slug == "mrr-movements":
        return _moved(result, period) + "."
    told = _("%(name)s was %(value)s in %(span)s") % {
        "name": found.name,
        "value": words.value(result.value, result.unit, result.currency),
        "span": words.span(period),
    }
    before = months[-2][1]
    if before.value is None or not name_of(period):  # a week is no more nor less than a month
        return told + "."
    text = {"value": words.value(before.value, before.unit, before.currency)}
    if _may_be_chance(before, result):
        return told + _("; no clear change from %(value)s the month before.") % text
    return told + _(", after %(value)s the month before.") % text


def _may_be_chance(before: Result, now: Result) -> bool:
    """Return whether both intervals share a value; what counts everybody has none."""
    if before.interval is None or now.interval is None:
        return False
    return float(before.interval.low) <= float(now.interval.high) and float(
        now.interval.low
    ) <= float(before.interval.high)


def _tools(request: HttpRequest, period: Period, segment: str) -> dict[str, Any]:
    """Return the times, from a day to years, and the segments a page can be switched to."""
    slug = getattr(request.resolver_match, "kwargs", {}).get("slug", "")
    newest = month_of(today())
    shown = [newest, *reversed(months_to(_before(newest), 12))]
    named = [("", _("All customers")), *Segment.objects.values_list("slug", "name")]
    return {
        "months": [
            {
                "label": words.span(month),
                "url": panels.address(slug, month, segment),
                "is_current": (month.start, month.stop) == (period.start, period.stop),
            }
            for month in shown
        ],
        "spans": [
            {
                "label": words.length(span),
                "url": panels.address(slug, span, segment),
                "is_current": period.name == span.name,
            }
            for span in map(period_named, NAMES)
        ],
        "first": period.start.isoformat(),
        "last": period.last.isoformat(),
        "segment_slug": segment,
        "segments": [
            {
                "label": name,
                "url": panels.address(slug, period, key),
                "is_current": key == segment,
            }
            for key, name in named
        ],
        "segment": dict(named).get(segment, segment),
        "api": f"/api/v1/metrics/{slug}/series" if slug else "/api/v1/metrics",
        "file": _file(slug, period, segment),
    }


def _file(slug: str, period: Period, segment: str) -> str:
    """Return the address of a workbook of these months: of one metric, or of all."""
    months = months_to(period, MONTHS)
    days = {"since": str(months[0].start), "until": str(months[-1].last)}
    asked = days | {"segment": segment or "all"}
    asked |= {"metric": slug} if slug else {}
    return f"/api/v1/metrics/export.xlsx?{urlencode(asked)}"


def _before(month: Period) -> Period:
    return month_of(add_months(month.start, -1))
