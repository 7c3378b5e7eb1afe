"""One contact: who it is, what mail it got, when it may be asked again, stop and allow mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import audience, reasons
from surveys.models import AskingRules, Contact, Invitation, Suppression, Survey
from surveys.models.files import BULKY
from surveys.services import lift_suppression, suppress

_SHOWN = 30


@dataclass(frozen=True, slots=True)
class MayAsk:
    """Whether one live survey may ask this person now; else why not and from when."""

    survey: Survey
    reason: str
    from_at: datetime | None


@require_safe
@staff_page("surveys.view_contact")
def contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    found = get_object_or_404(Contact.objects.select_related("customer"), pk=contact_id)
    history = list(Suppression.objects.filter(email=found.email).select_related("survey"))
    in_force = [row for row in history if row.lifted_at is None]
    context = {
        "contact": found,
        "properties": sorted(found.properties.items()),
        # What stops everything is what the page speaks of; else what stops one survey.
        "in_force": next((row for row in in_force if row.survey is None), None),
        "partly": [row for row in in_force if row.survey],
        "history": history,
        "may_ask": may_ask(found),
        "mails": _mails(found),
        "uploads": found.uploads.defer(*BULKY).order_by("-pk")[:5],
    }
    return render(request, "surveys/staff/contact.html", context)


def _mails(contact: Contact) -> list[Invitation]:
    rows = Invitation.objects.filter(contact=contact).select_related("survey", "campaign")
    return list(rows.order_by("-pk")[:_SHOWN])


def may_ask(contact: Contact) -> list[MayAsk]:
    """Return the verdict of each live survey, one query each (there are few)."""
    found, rules = [], AskingRules.current()
    for survey in Survey.objects.filter(status=Survey.Status.LIVE).order_by("name"):
        row = audience.judged(survey, Contact.objects.filter(pk=contact.pk)).get()
        from_at = audience.free_at(survey, row, rest_any_days=rules.rest_days)
        is_resting = row.skip in (reasons.REST, reasons.REST_ANY)
        words = reasons.words(row.skip) if row.skip else ""
        found.append(MayAsk(survey, words, from_at if is_resting else None))
    return found


@require_POST
@staff_page("surveys.add_suppression")
def stop_mail(request: HttpRequest, contact_id: int) -> HttpResponse:
    found = get_object_or_404(Contact, pk=contact_id)
    suppress(found.email, reason=Suppression.Reason.BY_STAFF, source=request.user.get_username())
    messages.success(request, _("%(email)s gets no survey mail any more.") % {"email": found.email})
    return redirect("staff:contact", contact_id)


@require_POST
@staff_page("surveys.change_suppression")
def allow_mail(request: HttpRequest, contact_id: int) -> HttpResponse:
    found = get_object_or_404(Contact, pk=contact_id)
    why = request.POST.get("why", "").strip()
    if not why:
        messages.error(request, _("Say why mail is allowed again: it stays on record."))
        return redirect("staff:contact", contact_id)
    for row in Suppression.objects.in_force().filter(email=found.email):
        lift_suppression(row, by=request.user.get_username(), why=why)
    messages.success(request, _("%(email)s may be asked again.") % {"email": found.email})
    return redirect("staff:contact", contact_id)
