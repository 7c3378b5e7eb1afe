"""Where people get stuck: paths of events, how far people come, and who stopped where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import figures
from analytics.charts.bars import draw_lengths
from analytics.periods import BadPeriod, Period, month_of, today
from analytics.statistics.result import Result
from analytics.success import words
from analytics.success.catalogue import facts_for, months_to
from analytics.success.metrics.paths import CONVENTION, PathReport, PathStep
from analytics.success.models import Path, UsageEvent
from analytics.success.models.paths import MOST_STEPS
from analytics.success.path_reports import report_of, stopped_at
from analytics.success.queries import Facts
from analytics.success.spans import last_month, read_span, span_query
from analytics.success.tables import Cell, customer_cell, named, table_of
from outbox.replica import reads_replica
from outbox.staff.pages import staff_page
from surveys.models import Segment

VIEW, CHANGE = "success.view_path", "success.change_path"
_MOST_KNOWN = 40
_KNOWN_DAYS = 7


class PathForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    steps = forms.CharField(
        label=gettext_lazy("Steps"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        help_text=gettext_lazy("Names of usage events, one a line, in the order people should go."),
    )
    window_days = forms.IntegerField(
        label=gettext_lazy("Days to come through"), min_value=1, max_value=365, initial=14
    )

    def clean_steps(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["steps"].splitlines()]
        steps = [line for line in lines if line]
        if not 2 <= len(steps) <= MOST_STEPS or any(len(step) > 80 for step in steps):
            message = _("Name 2 to %(most)s events, each of at most 80 characters.")
            raise forms.ValidationError(message % {"most": MOST_STEPS})
        return steps


def free_slug(name: str) -> str:
    """Return a short name nobody has yet."""
    stem = slugify(name)[:50].strip("-") or "path"
    taken = set(Path.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    names = (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3)))
    return next(slug for slug in names if slug not in taken)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(VIEW)
def paths(request: HttpRequest) -> HttpResponse:
    """List the paths; add another one."""
    may_add = request.user.has_perm("success.add_path")
    form = PathForm(request.POST if request.method == "POST" and may_add else None)
    if form.is_bound and form.is_valid():
        made = Path.objects.create(slug=free_slug(form.cleaned_data["name"]), **form.cleaned_data)
        return redirect("staff:path", made.slug)
    return render(
        request,
        "analytics/success/paths.html",
        {
            "paths": Path.objects.all(),
            "form": form if may_add else None,
            "known": _known_events() if may_add else [],
        },
        status=422 if form.is_bound else 200,
    )


def _known_events() -> list[str]:
    """Return the names of the events of the last days."""
    recent = UsageEvent.objects.filter(kind="", day__gt=today() - timedelta(days=_KNOWN_DAYS))
    return list(recent.order_by("name").values_list("name", flat=True).distinct()[:_MOST_KNOWN])


@require_safe
@staff_page(VIEW)
@reads_replica
def path(request: HttpRequest, slug: str) -> HttpResponse:
    """How far do people come, at which step do they get stuck, and who?"""
    found = get_object_or_404(Path, slug=slug)
    period, facts = _asked(request)
    report = report_of(found, facts, period)
    step = _step(request, report)
    may_change = request.user.has_perm(CHANGE)
    return render(
        request,
        "analytics/success/path.html",
        {
            "path": found,
            "heading": _heading(found, report, period),
            "span": words.span(period),
            "tools": _tools(found, period, facts.segment),
            "through": _through(report.through),
            "pending": figures.count_text(report.pending) if report.pending else "",
            "steps": _rows(found, report, period, facts.segment, chosen=step),
            "behind": _behind(found, facts, period, report, step) if step else None,
            "convention": CONVENTION,
            "computed": timezone.localtime(facts.as_of),
            "zone": facts.zone,
            "form": PathForm(initial=_initial(found)) if may_change else None,
        },
    )


def _initial(found: Path) -> dict[str, Any]:
    return {
        "name": found.name, "steps": "\n".join(found.steps), "window_days": found.window_days,
    }  # fmt: skip


@require_POST
@staff_page(CHANGE)
def change_path(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Path, slug=slug)
    form = PathForm(request.POST)
    if form.is_valid():
        Path.objects.filter(pk=found.pk).update(**form.cleaned_data)
        messages.success(request, _("Changed. The figures are counted anew."))
    else:
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    return redirect("staff:path", slug)


@require_POST
@staff_page("success.delete_path")
def delete_path(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Path, slug=slug)
    found.delete()
    messages.success(request, _("“%s” is no longer watched. Its events stay.") % found.name)
    return redirect("staff:paths")


def _asked(request: HttpRequest) -> tuple[Period, Facts]:
    """Return period and facts of the address; what cannot be understood is said and left out."""
    try:
        period = read_span(request.GET)
    except BadPeriod as error:
        messages.warning(request, _("That time could not be understood: %s") % error)
        period = last_month()
    try:
        return period, facts_for(period, segment=request.GET.get("segment", ""))
    except LookupError as error:
        messages.warning(request, str(error))
        return period, facts_for(period)


def _step(request: HttpRequest, report: PathReport) -> int:
    """Return the step whose people are asked for; else the first sticking one, else 0."""
    text = request.GET.get("step", "")
    if text.isascii() and text.isdecimal() and 1 <= int(text[:3]) < len(report.steps):
        return int(text[:3])
    stuck = [place for place, step in enumerate(report.steps, 1) if step.is_sticking]
    return stuck[0] if stuck else 0


def _heading(found: Path, report: PathReport, period: Period) -> str:
    """State the finding: where people get stuck, or that they do nowhere."""
    stuck = [step.name for step in report.steps if step.is_sticking]
    if report.through.value is None:
        return found.name
    if not stuck:
        return _("%(name)s: no step holds people up more than the others") % {"name": found.name}
    return _("%(name)s: people get stuck after “%(step)s”") % {
        "name": found.name,
        "step": "”, “".join(stuck),
    }


def _through(result: Result) -> dict[str, str]:
    has_value = result.value is not None
    return {
        "value": words.value(result.value, "fraction") if result.value is not None else "",
        "interval": words.interval(result),
        "base": words.base(result),
        "reason": "" if has_value else words.reason(result),
    }


def _rows(
    found: Path, report: PathReport, period: Period, segment: str, *, chosen: int
) -> list[dict[str, Any]]:
    counts = [float(step.reached) for step in report.steps]
    lengths = draw_lengths(counts, of=counts[0] or 1.0)
    return [
        {
            "number": place,
            "name": step.name,
            "reached": figures.count_text(step.reached),
            "of_first": figures.share_text(step.reached / counts[0]) if counts[0] else "",
            "length": length,
            "is_sticking": step.is_sticking,
            "url": _address(found, period, segment, step=place),
            "is_chosen": place == chosen,
            **_onward(step),
        }
        for place, (step, length) in enumerate(zip(report.steps, lengths, strict=True), 1)
    ]


def _onward(step: PathStep) -> dict[str, str]:
    """Return who went on and who stopped, in words; nothing after the last step."""
    if step.share is None or step.share.value is None:
        return {}
    stopped = ngettext("%(n)s stopped", "%(n)s stopped", step.stopped)
    return {
        "share": words.value(step.share.value, "fraction"),
        "interval": words.interval(step.share),
        "stopped": stopped % {"n": figures.count_text(step.stopped)} if step.stopped else "",
        "wait": words.duration(step.seconds) if step.seconds is not None else "",
    }


def _behind(found: Path, facts: Facts, period: Period, report: PathReport, step: int) -> Any:
    """Return the table of those who came to a step and no further."""
    walks = stopped_at(found, facts, period, step=step)
    table = table_of(
        _("Stopped after “%(step)s”") % {"step": report.steps[step - 1].name},
        (_("User"), _("Customer"), _("Began"), _("Came to this step")),
        [
            (
                Cell(str(walk.user)),
                customer_cell(walk.customer),
                Cell(_moment(walk.reached[0])),
                Cell(_moment(walk.reached[-1])),
            )
            for walk in walks
        ],
    )
    return named(table)


def _moment(at: Any) -> str:
    return figures.date_format(timezone.localtime(at), "j M Y, H:i")


def _address(found: Path, period: Period, segment: str, *, step: int = 0) -> str:
    query: dict[str, Any] = {**span_query(period)}
    query |= {"segment": segment} if segment else {}
    query |= {"step": step} if step else {}
    address = reverse("staff:path", args=[found.slug])
    return f"{address}?{urlencode(query)}" if query else address


def _tools(found: Path, period: Period, segment: str) -> dict[str, Any]:
    """Return the months and segments the page can be switched to."""
    newest = month_of(today())
    named = [("", _("All customers")), *Segment.objects.values_list("slug", "name")]
    return {
        "months": [
            {
                "label": words.span(month),
                "url": _address(found, month, segment),
                "is_current": (month.start, month.stop) == (period.start, period.stop),
            }
            for month in reversed(months_to(newest, 13))
        ],
        "segments": [
            {
                "label": name,
                "url": _address(found, period, key),
                "is_current": key == segment,
            }
            for key, name in named
        ],
        "segment": dict(named).get(segment, segment),
        "api": f"/api/v1/paths/{found.slug}",
    }
