"""History read again: progress, and what each re-reading changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import rereading
from feedback.models import Rereading, Sentiment
from feedback.teaching.frame import page_of, reading_tabs, user_name
from outbox.jobs import retry
from outbox.models import Job
from outbox.staff.pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.view_rereading")
def history(request: HttpRequest) -> HttpResponse:
    """How far has the reading of past comments come, and what did it change?"""
    if request.method == "POST":
        return _read_again(request)
    page = page_of(Rereading.objects.all(), request)
    running = rereading.running()
    context = {
        "tabs": reading_tabs("reading-history"),
        "running": running,
        "page": page,
        "rows": [(row, _before_after(row)) for row in page if row.finished_at],
        "stale": 0 if running else rereading.stale().count(),
    }
    return render(request, "feedback/teaching/history.html", context)


def _read_again(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("feedback.add_rereading"):
        raise PermissionDenied
    if request.POST.get("retry"):
        stopped = Job.objects.filter(kind=rereading.REREAD, state=Job.State.DEAD)
        retry(list(stopped.values_list("pk", flat=True)))
        messages.success(request, _("It goes on where it stopped."))
    else:
        rereading.start(reason=_("asked for"), by=user_name(request))
        messages.success(request, _("Past comments are read again in the background."))
    return redirect("staff:reading-history")


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One label's share of scored comments before and after, in percent."""

    value: str
    before: float
    after: float


def _before_after(row: Rereading) -> list[BeforeAfter]:
    labels = [value for value in Sentiment if value != Sentiment.UNSCORED]
    before, after = _scored(row.shares_before), _scored(row.shares_after)
    if not before or not after:
        return []
    return [
        BeforeAfter(
            value.value,
            100 * row.shares_before.get(value, 0) / before,
            100 * row.shares_after.get(value, 0) / after,
        )
        for value in labels
    ]


def _scored(shares: dict[str, Any]) -> int:
    return sum(n for label, n in shares.items() if label != Sentiment.UNSCORED)
