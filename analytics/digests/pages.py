"""Each person's own digests: see, set up, change, pause, want one now, read the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.digests import letters, service
from analytics.digests.forms import DigestForm
from analytics.digests.models import Digest, Issue
from analytics.digests.rhythms import so_far
from analytics.digests.sending import content_for, gone_words, refusal
from analytics.digests.service import Refused
from analytics.digests.stopping import digest_link
from analytics.digests.words import days_words
from analytics.periods import Period, today
from analytics.scores.filtering import Options, filter_options, part_words
from analytics.scores.slices import NAMES, Slice, UnknownPart
from feedback.highlights import comments_of
from outbox.staff.pages import staff_page

_VIEW = "surveys.view_survey"
# The mail brings its styles along; it stands in a frame of our own pages only and runs nothing.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups "
    "allow-popups-to-escape-sandbox"
)
_ISSUES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One digest of the list, in words."""

    digest: Digest
    title: str
    filters: tuple[str, ...]
    problem: str
    issues: tuple[tuple[Issue, str], ...]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_VIEW)
def digests(request: HttpRequest) -> HttpResponse:
    """My digests, and a new one."""
    form, options = DigestForm(request.POST or None, initial=_asked(request)), filter_options()
    if request.method == "POST" and _saved(form, request):
        messages.success(request, _("Saved. The first one comes when there is something to say."))
        return redirect("staff:digests")
    return render(
        request,
        "digests/digests.html",
        {
            "form": form,
            "lines": [_line(digest, options) for digest in _own(request)],
            "is_running": Issue.objects.filter(
                digest__user=request.user.pk, state=Issue.State.WAITING, is_asked=True
            ).exists(),
            "has_address": bool(getattr(request.user, "email", "")),
        },
        status=422 if form.is_bound else 200,
    )


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return what a link from a dashboard filled in."""
    asked: dict[str, Any] = {n: request.GET[n] for n in NAMES if n in request.GET}
    return asked | {"surveys": request.GET.getlist("survey")}


def _own(request: HttpRequest) -> Any:
    return (
        Digest.objects.filter(user=request.user.pk)
        .select_related("user")
        .prefetch_related("surveys")
    )


def _line(digest: Digest, options: dict[str, tuple[str, Options]]) -> Line:
    names = [survey.name for survey in digest.surveys.all()]
    part = Slice(**{name: digest.filters.get(name, "") for name in NAMES})
    issues = digest.issues.defer("html")[:_ISSUES_SHOWN]
    return Line(
        digest,
        _("All surveys") if digest.has_all else ", ".join(names) or _("No survey is left"),
        tuple(words for _name, words in part_words(part, options)),
        refusal(digest, is_asked=True),
        tuple((issue, days_words(Period(issue.start, issue.stop))) for issue in issues),
    )


def _saved(form: DigestForm, request: HttpRequest, digest: Digest | None = None) -> bool:
    if not form.is_valid():
        return False
    try:
        service.save_digest(form.wish(), user=request.user, digest=digest)
    except Refused as error:
        form.refuse(error)
        return False
    return True


def _found(request: HttpRequest, digest_id: int) -> Digest:
    found: Digest = get_object_or_404(_own(request), pk=digest_id)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_VIEW)
def digest(request: HttpRequest, digest_id: int) -> HttpResponse:
    """Change one."""
    found = _found(request, digest_id)
    initial = {
        "rhythm": found.rhythm,
        "hour": found.hour,
        "window": found.window,
        "surveys": [survey.slug for survey in found.surveys.all()],
        **found.filters,
    }
    form = DigestForm(request.POST or None, initial=initial)
    if request.method == "POST" and _saved(form, request, found):
        messages.success(request, _("Saved."))
        return redirect("staff:digests")
    status = 422 if form.is_bound else 200
    return render(request, "digests/digest.html", {"form": form, "digest": found}, status=status)


@require_POST
@staff_page(_VIEW)
def act(request: HttpRequest, digest_id: int, what: str) -> HttpResponse:
    """Pause, resume, remove, or send one now."""
    found = _found(request, digest_id)
    match what:
        case "pause":
            service.pause(found)
            messages.success(request, _("Paused. Nothing is sent until you resume it."))
        case "resume":
            service.resume(found)
            messages.success(request, _("It goes on with the next one."))
        case "now":
            if reason := refusal(found, is_asked=True):
                messages.error(request, reason)
            else:
                service.send_now(found)
                messages.success(request, _("On its way to %s.") % request.user.email)  # type: ignore[union-attr]
        case _:
            found.delete()
            messages.success(request, _("Removed, with the copies of what was sent."))
    return redirect("staff:digests")


# ---- What it looks like ----------------------------------------------------------------------


@require_safe
@staff_page(_VIEW)
def preview(request: HttpRequest, digest_id: int) -> HttpResponse:
    """The mail as it would be now, whether or not there is something to say."""
    found = _found(request, digest_id)
    days = so_far(found.rhythm, today())
    context = {"digest": found, "days": days_words(days), "frame": "staff:digest-mail"}
    return render(request, "digests/letter.html", context)


@require_safe
@staff_page(_VIEW)
def preview_mail(request: HttpRequest, digest_id: int) -> HttpResponse:
    found = _found(request, digest_id)
    with override(found.language):
        try:
            content = content_for(found, so_far(found.rhythm, today()))
        except UnknownPart as error:
            return framed(gone_words(error))
        letter = letters.draw(found, content, stop_url=digest_link(found.pk))
    return framed(letter.shown_html)


@require_safe
@staff_page(_VIEW)
def issue(request: HttpRequest, issue_id: int) -> HttpResponse:
    """One that was sent."""
    found = _own_issue(request, issue_id)
    days = days_words(Period(found.start, found.stop))
    context = {"issue": found, "days": days, "frame": "staff:issue-mail"}
    return render(request, "digests/letter.html", context)


@require_safe
@staff_page(_VIEW)
def issue_mail(request: HttpRequest, issue_id: int) -> HttpResponse:
    found = _own_issue(request, issue_id)
    may_read = request.user.has_perm("feedback.view_response")
    with override(found.digest.language):
        comments = comments_of(found.comment_ids) if may_read else []
        return framed(letters.with_comments(found.html, comments))


def _own_issue(request: HttpRequest, issue_id: int) -> Issue:
    rows = Issue.objects.select_related("digest").filter(digest__user=request.user.pk)
    return get_object_or_404(rows.exclude(html=""), pk=issue_id)


def framed(html: str, *, policy: str = MAIL_POLICY) -> HttpResponse:
    response = HttpResponse(html)
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
