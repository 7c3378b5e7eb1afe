"""Staff pages around the mail: a preview of the survey page, and the embedded mailbox."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from outbox.staff.pages import staff_page
from surveys.mailbox import Mail, is_embedded, list_mails, read_mail
from surveys.models import Survey
from surveys.previews import draw_page, draw_thanks
from surveys.scales import scale_of
from surveys.wording import draw_up

# A mail is foreign markup, also when we wrote it: no scripts, no forms, nothing from outside.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@require_safe
@staff_page("surveys.view_survey")
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the survey page as it would look now. Nothing that is sent from here is kept."""
    survey = get_object_or_404(Survey.objects.select_related("brand"), slug=slug)
    content, action = draw_up(survey), reverse("surveys:preview", args=[slug])
    text = request.GET.get("score", "")
    score = int(text) if text.isdecimal() and len(text) < 4 else None
    if score is None or not scale_of(content.kind).holds(score):
        return HttpResponse(draw_page(survey, content, action=action))
    if request.GET.get("step") == "thanks":
        comment = request.GET.get("comment", "")
        return HttpResponse(
            draw_thanks(survey, content, action=action, score=score, comment=comment)
        )
    return HttpResponse(draw_page(survey, content, action=action, chosen=score))


@require_safe
@staff_page("surveys.view_invitation")
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails this installation keeps in files, newest first."""
    _only_embedded()
    text = request.GET.get("page", "1")
    page = max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
    return render(request, "mailbox/list.html", {"listing": list_mails(page)})


@require_safe
@staff_page("surveys.view_invitation")
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: as it looks, as text, and its headers."""
    return render(request, "mailbox/letter.html", {"mail": _mail(name)})


@require_safe
@staff_page("surveys.view_invitation")
def letter_html(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the HTML part for the sandboxed frame, with a policy that lets it do nothing."""
    response = HttpResponse(_mail(name).html)
    response.headers["Content-Security-Policy"] = _LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _mail(name: str) -> Mail:
    _only_embedded()
    mail = read_mail(name)
    if mail is None:
        raise Http404("no such mail")
    return mail


def _only_embedded() -> None:
    if not is_embedded():
        raise Http404("mail leaves this installation by SMTP")
