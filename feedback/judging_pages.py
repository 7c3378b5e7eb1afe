"""Whose answers count: the rules in words, and history judged again by them, seen first."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import rejudging
from feedback.evidence import VERSION
from feedback.held import REASONS, RULES, VERDICTS
from feedback.models import Rejudging
from outbox.jobs import retry
from outbox.models import Job
from outbox.staff.pages import staff_page
from surveys.models import Survey

PAGE = 10


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """One survey's answers with evidence, and how many of them are held before and after."""

    name: str
    url: str
    judged: int
    before: int
    after: int

    @property
    def change(self) -> str:
        """Return the difference with its sign: "+3", "−2", "" where there is none."""
        more = self.after - self.before
        return f"{'+' if more > 0 else '−'}{abs(more)}" if more else ""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.view_rejudging")
def judging(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    running, look = rejudging.running(), rejudging.latest_look()
    finished = Rejudging.objects.filter(finished_at__isnull=False)
    lines = _lines(look) if look else []
    context = {
        "version": VERSION,
        "running": running,
        "look": look,
        "lines": lines,
        "sum": _sum(lines),
        "reasons": _reasons(look) if look else [],
        "rules": _rules(),
        "page": Paginator(finished, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "feedback/judging.html", context)


def _act(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("feedback.add_rejudging"):
        raise PermissionDenied
    by = request.user.get_username()
    match request.POST.get("do"):
        case "apply":
            _apply(request, by)
        case "retry":
            stopped = Job.objects.filter(kind=rejudging.REJUDGE, state=Job.State.DEAD)
            retry(list(stopped.values_list("pk", flat=True)))
            messages.success(request, _("It goes on where it stopped."))
        case _:
            rejudging.look(by=by)
    return redirect("staff:judging")


def _apply(request: HttpRequest, by: str) -> None:
    try:
        rejudging.apply(by=by)
    except rejudging.NotSeen:
        messages.warning(request, _("Look first at what these rules would change."))


def _lines(look: Rejudging) -> list[SurveyLine]:
    surveys = Survey.objects.in_bulk([int(pk) for pk in look.by_survey])
    lines = []
    for pk, (judged, before, after) in look.by_survey.items():
        survey = surveys.get(int(pk))
        name = survey.name if survey else _("a survey that was deleted")
        url = f"{reverse('staff:responses')}?survey={survey.slug}&show=held" if survey else ""
        lines.append(SurveyLine(name, url, judged, before, after))
    return sorted(lines, key=lambda line: (-abs(line.after - line.before), line.name))


def _sum(lines: list[SurveyLine]) -> SurveyLine:
    totals = zip(*((line.judged, line.before, line.after) for line in lines), strict=True)
    judged, before, after = [sum(column) for column in totals] or [0, 0, 0]
    return SurveyLine(_("All surveys"), "", judged, before, after)


def _reasons(look: Rejudging) -> list[tuple[str | Promise, int]]:
    counts = sorted(look.by_reason.items(), key=lambda pair: -pair[1])
    return [(REASONS.get(code, code), count) for code, count in counts]


def _rules() -> list[tuple[str, str | Promise, str | Promise]]:
    return [(code, REASONS[code], VERDICTS[verdict]) for code, verdict in RULES.items()]
