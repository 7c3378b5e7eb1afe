"""Staff pages around the mail: a preview of the survey page, and the embedded mailbox."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from outbox.staff.pages import staff_page
from surveys.languages import speech
from surveys.mailbox import Mail, is_embedded, list_mails, read_mail
from surveys.models import Survey
from surveys.pages import follow_up, look_of, score_text, score_view
from surveys.scales import scale_of
from surveys.wording import Content, draw_up

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
    content = draw_up(survey)
    text = request.GET.get("score", "")
    score = int(text) if text.isdecimal() and len(text) < 4 else None
    chosen = score if score is not None and scale_of(content.kind).holds(score) else None
    with override(content.language):
        frame = {
            "look": look_of(survey.brand),
            "speech": speech(content.language),
            "content": content,
            "action": reverse("surveys:preview", args=[slug]),
            "is_preview": True,
        }
        if request.GET.get("step") == "thanks" and chosen is not None:
            facts = _thanks(content, chosen, request.GET.get("comment", ""))
            return HttpResponse(render_to_string("customer/thanks.html", {**frame, **facts}))
        facts = {"scale": score_view(content, chosen=chosen)}
        return HttpResponse(render_to_string("customer/survey.html", {**frame, **facts}))


def _thanks(content: Content, score: int, comment: str) -> dict[str, object]:
    scale = scale_of(content.kind)
    band = scale.band_of(score).slug
    words = content.bands[band]
    return {
        "saved": {
            "line": _("Preview. Nothing is saved."),
            "thanks": content.thanks_for(band),
            "score": score,
            "chip": "" if content.score_labels else str(score),
            "score_words": score_text(content, score)
            if content.score_labels
            else _("out of %(high)s") % {"high": scale.high},
            "comment": comment[:5000],
        },
        "ask": follow_up(content, score, asks_comment=not comment),
        "link_text": words.link_text or words.link_url,
        "link_url": words.link_url,
    }


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
