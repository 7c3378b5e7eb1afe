"""The page "How right are we?": verdicts counted, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.scores.accuracy import FEW, AccuracyReport, LabelAccuracy, accuracy_report
from analytics.statistics.result import Result
from feedback.judging import SENTIMENTS
from feedback.models import Sentiment, Verdict
from feedback.teaching.frame import reading_tabs
from outbox.staff.pages import staff_page


@dataclass(frozen=True, slots=True)
class Shown:
    """A share in words: "90 %", "77 … 96 %", its n; `is_few` where there is too little to say."""

    value: str
    interval: str
    agreed: int
    n: int
    is_few: bool


@require_safe
@staff_page("feedback.view_verdict")
def accuracy(request: HttpRequest) -> HttpResponse:
    """How often do people agree with what was read?"""
    report = accuracy_report()
    names = {value: str(label) for value, label in Verdict.What.choices}
    context = {
        "tabs": reading_tabs("reading-accuracy"),
        "finding": finding(report),
        "drawn": shown(report.drawn),
        "corrected": shown(report.corrected),
        "others": [(kind, names[kind], shown(result)) for kind, result in report.others],
        "labels": [
            (label, shown(label.right), shown(label.found), said_cells(label))
            for label in report.labels
        ],
        "columns": [str(Sentiment(value).label) for value in SENTIMENTS],
        "unclear": report.unclear,
        "few": FEW,
    }
    return render(request, "analytics/accuracy.html", context)


def said_cells(label: LabelAccuracy) -> list[tuple[int, str]]:
    """Return how often people said what of those read so, with the address of the comments."""
    inbox = reverse("staff:responses")
    return [
        (n, f"{inbox}?judged=drawn.{label.label}.{said}")
        for said, n in zip(SENTIMENTS, label.said, strict=True)
    ]


def finding(report: AccuracyReport) -> str:
    """Return the title: the share among comments drawn at random, or what is missing for it."""
    drawn = shown(report.drawn)
    if drawn.is_few:
        return _("Too few comments checked at random to say how right we are (n %s)") % drawn.n
    words = {"value": drawn.value, "interval": drawn.interval, "n": drawn.n}
    return _("Right in %(value)s of %(n)s comments drawn at random, likely %(interval)s") % words


def shown(result: Result) -> Shown:
    """Return a share ready for a page."""
    agreed = int(result.numerator or 0)
    if result.value is None or result.interval is None or result.n < FEW:
        return Shown("", "", agreed, result.n, True)
    low, high = _percent(float(result.interval.low)), _percent(float(result.interval.high))
    value = _percent(float(result.value))
    return Shown(f"{value}\u00a0%", f"{low}\u00a0…\u00a0{high}\u00a0%", agreed, result.n, False)


def _percent(fraction: float) -> str:
    return number_format(round(100 * fraction))
