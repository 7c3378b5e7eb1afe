"""Who stands behind a step of the funnel: the people asked, one by one, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.periods import Period
from analytics.scores.filtering import filter_options, part_words
from analytics.scores.panels import asked_url, survey_url
from analytics.scores.reach import REACHED, invited
from analytics.scores.single import funnel_of
from analytics.scores.slices import WHOLE, Slice, UnknownPart, read_slice
from analytics.scores.survey_panels import step_counts, step_names
from analytics.scores.wishes import asked_period, unknown_words
from feedback.models import Response
from outbox.staff.pages import staff_page
from outbox.staff.paging import moment_key, read_moment_key
from surveys.models import Invitation, Survey
from surveys.scales import Band

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One person asked; `response` and `band` are None until they answer."""

    invitation: Invitation
    response: Response | None
    band: Band | None


@require_safe
@staff_page("feedback.view_response")
def asked(request: HttpRequest, slug: str) -> HttpResponse:
    """List the invitations sent in a period that came as far as `step`."""
    survey = get_object_or_404(Survey.objects.select_related("brand"), slug=slug)
    period = asked_period(request)
    try:
        part = read_slice(request.GET).invited or WHOLE
    except UnknownPart as error:
        messages.warning(request, unknown_words(error))
        return redirect(asked_url(survey, period, WHOLE))
    step = request.GET.get("step", "")
    step = step if step in REACHED else "sent"
    lines, older = _page(survey, period, part, step, request.GET.get("before", ""))
    context = {
        "survey": survey,
        "days": figures.days_text(period.start, period.last),
        "parts": [words for _name, words in part_words(part, filter_options())],
        "back_url": survey_url(survey, period, **part.query),
        "steps": _steps(survey, period, part, step),
        "step": step_names()[step],
        "lines": lines,
        "older": asked_url(survey, period, part, step=step, before=older) if older else "",
    }
    return render(request, "staff/asked.html", context)


def _steps(survey: Survey, period: Period, part: Slice, current: str) -> list[dict[str, Any]]:
    funnel = funnel_of(survey, period, part=part)
    counts = step_counts(funnel) if funnel else dict.fromkeys(REACHED, 0)
    return [
        {
            "name": name,
            "count": figures.count_text(counts[step]),
            "url": asked_url(survey, period, part, step=step),
            "is_current": step == current,
        }
        for step, name in step_names().items()
    ]


def _page(
    survey: Survey, period: Period, part: Slice, step: str, before: str
) -> tuple[list[Line], str]:
    """Return the lines older than the key `before`, and the key of those after them."""
    rows = invited(survey, period, part).filter(REACHED[step])
    if key := read_moment_key(before):
        at, pk = key
        rows = rows.filter(Q(sent_at__lt=at) | Q(sent_at=at, pk__lt=pk), sent_at__lte=at)
    rows = rows.select_related("contact__customer", "response").order_by("-sent_at", "-pk")
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    older = moment_key(last.sent_at, last.pk) if last and last.sent_at else ""
    return [_line(row, survey) for row in found[:PAGE]], older


def _line(invitation: Invitation, survey: Survey) -> Line:
    try:
        response: Response = invitation.response
    except ObjectDoesNotExist:
        return Line(invitation, None, None)
    response.survey = survey
    return Line(invitation, response, survey.scale.band_of(response.score))
