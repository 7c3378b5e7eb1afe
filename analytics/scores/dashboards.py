"""The home screen: what changed in all surveys, and who needs me now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.periods import today
from analytics.scores import findings
from analytics.scores.panels import inbox_url, period_choices, period_label, row_panel, spark_days
from analytics.scores.reports import home_report
from analytics.scores.shapes import HomeReport
from analytics.scores.start import first_steps
from analytics.scores.wishes import asked_period
from feedback.highlights import comments_to_read
from outbox.staff.attention import needs_of
from outbox.staff.pages import staff_page


@require_safe
@staff_page()
def home(request: HttpRequest) -> HttpResponse:
    """What changed, is it real, and who needs me now?"""
    period = asked_period(request)
    report = home_report(period)
    needs = needs_of(request)
    may_read = request.user.has_perm("feedback.view_response")
    return render(
        request,
        "staff/home.html",
        {
            "today": today(),
            "period": period_choices(request.path, period, {}),
            "period_words": period_label(period),
            "headline": findings.home_headline(
                report, waiting=sum(len(items) for _, items in needs)
            ),
            "rows": [row_panel(row, period) for row in report.rows],
            "spark_head": spark_days(report.rows, period),
            "held": _most_changed_by_machines(report),
            "held_url": inbox_url(show="held"),
            "needs": needs,
            "comments": comments_to_read() if may_read else [],
            "steps": first_steps() if not _has_answers(report) else [],
        },
    )


def _has_answers(report: HomeReport) -> bool:
    return any(row.headline.received for row in report.rows)


def _most_changed_by_machines(report: HomeReport) -> str:
    """Return the sentence on the survey whose score machine votes would have moved most."""
    heads = [row.headline for row in report.rows if row.headline.held]
    if not heads:
        return ""

    def moved(head: Any) -> float:
        if head.score.value is None or head.with_held.value is None:
            return 0.0
        return abs(float(head.with_held.value) - float(head.score.value))

    worst = max(heads, key=moved)
    total = sum(head.held for head in heads)
    if len(heads) == 1:
        return findings.held_sentence(worst.held, worst.score, worst.with_held)
    if worst.score.value is None or worst.with_held.value is None:
        return findings.held_sentence(total, worst.score, worst.with_held)
    return _(
        "%(n)s machine votes are held. Counted, %(survey)s would read %(would)s, not %(is)s."
    ) % {
        "n": figures.count_text(total),
        "survey": worst.survey.name,
        "would": figures.value_text(worst.with_held.value, worst.with_held.unit),
        "is": figures.value_text(worst.score.value, worst.score.unit),
    }
