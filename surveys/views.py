"""What a link does besides answering: stop survey mail; and the colours and logo of a brand."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from surveys.brand import stylesheet, stylesheet_name
from surveys.models import Brand, Contact, Suppression, Survey
from surveys.pages import LOGO_TYPES
from surveys.services import is_suppressed, lift_suppression, suppress
from surveys.visits import Visit, customer_page, unknown_link

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"


@customer_page("GET", "HEAD", "POST")
def unsubscribe(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show one button; act on POST only, at once, also on a mail program's one-click POST.

    RFC 8058: no login, no cookie, no redirect. Works for ever: an expired
    link, a closed survey or a given answer do not keep anybody on the list.
    """
    contact = visit.invitation.contact
    if request.method == "POST" and contact:
        _act(request, visit.survey, contact)
    is_off = contact is not None and is_suppressed(contact.email, survey=visit.survey)
    if request.method == "POST" or is_off:
        return HttpResponse(_draw_outcome(visit))
    return HttpResponse(_draw(visit, "customer/unsubscribe.html", sentence=_question(visit)))


def _act(request: HttpRequest, survey: Survey, contact: Contact) -> None:
    wish = request.POST.get("do")
    if wish == "keep":
        _resubscribe(survey, contact)
        return
    # A mail program's one click, or anything unclear, stops everything: less mail is the safe side.
    is_one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    suppress(
        contact.email,
        reason=Suppression.Reason.UNSUBSCRIBED,
        source="one-click" if is_one_click else "page",
        survey=survey if wish == "stop-this" else None,
    )


def _resubscribe(survey: Survey, contact: Contact) -> None:
    """Take back what the person did; what a bounce, a complaint or staff did stays."""
    for suppression in Suppression.objects.against(survey).filter(
        email=contact.email, reason=Suppression.Reason.UNSUBSCRIBED
    ):
        lift_suppression(suppression, by="the person", why="unsubscribe page")


def _draw(visit: Visit, template: str, **facts: object) -> str:
    frame = {"look": visit.look, "speech": visit.speech, "action": visit.unsubscribe_url}
    return render_to_string(template, {**frame, **facts})


def _draw_outcome(visit: Visit) -> str:
    contact = visit.invitation.contact
    address = masked(contact.email) if contact else ""
    is_stopped = contact is None or is_suppressed(contact.email, survey=visit.survey)
    is_partly = bool(is_stopped and contact and not is_suppressed(contact.email))
    if is_partly:
        sentence = _(
            "%(address)s gets no more mail of this survey. Other surveys may still reach you."
        )
    elif is_stopped:
        sentence = _(
            "We took %(address)s off the list. A survey already on its way may still arrive "
            "today; you can ignore it."
        )
    else:
        sentence = _("We keep %(address)s on the list, as before.")
    return _draw(
        visit,
        "customer/unsubscribed.html",
        is_stopped=is_stopped,
        is_partly=is_partly,
        sentence=sentence % {"address": address or _("you")},
    )


def _question(visit: Visit) -> str:
    contact = visit.invitation.contact
    address = masked(contact.email) if contact else _("you")
    return _(
        "%(company)s will no longer send surveys to %(address)s. Invoices, notices and replies "
        "to your questions still reach you."
    ) % {"company": visit.look.name, "address": address}


def masked(email: str) -> str:
    """Return an address its owner recognises and a stranger cannot use: am•••@kestrel.example."""
    local, _at, domain = email.partition("@")
    return f"{local[:2] if len(local) > 2 else local[:1]}•••@{domain}"


def palette(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a brand's colours. The name holds the colour, so no table is asked."""
    color = f"#{name[:6]}"
    response = HttpResponse(stylesheet(color), content_type="text/css")
    # An address from before an update still gets colours, but may not be kept for ever.
    is_current = stylesheet_name(color) == name
    response.headers["Cache-Control"] = _FOR_EVER if is_current else "no-cache"
    return response


def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the browser tab's picture: a square in the brand's colour."""
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
        f'<rect width="8" height="8" rx="2.4" fill="#{name[:6]}"/></svg>'
    )
    response = HttpResponse(picture, content_type="image/svg+xml")
    response.headers["Cache-Control"] = _FOR_EVER
    return response


def logo(request: HttpRequest, brand_id: str, extension: str) -> HttpResponse:
    """Serve a brand's logo as uploaded, as the picture type it was found to be."""
    brand = Brand.objects.filter(pk=int(brand_id)).first()
    if brand is None or not brand.logo or LOGO_TYPES.get(brand.logo_type) != extension:
        return unknown_link(request)
    data = bytes(brand.logo)
    etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    is_known = request.headers.get("If-None-Match") == etag
    response = HttpResponse(
        b"" if is_known else data, content_type=brand.logo_type, status=304 if is_known else 200
    )
    response.headers["ETag"], response.headers["Cache-Control"] = etag, _FOR_AN_HOUR
    return response
