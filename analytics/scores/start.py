"""The first steps of a fresh installation: what is done, what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from feedback.models import Response
from outbox.staff.attention import address
from surveys.models import Contact, Invitation, Survey


@dataclass(frozen=True, slots=True)
class FirstStep:
    title: str
    note: str
    url: str
    button: str
    is_done: bool


def first_steps() -> list[FirstStep]:
    """Return the way to the first answer, in order."""
    has_live = Survey.objects.filter(status=Survey.Status.LIVE).exists()
    return [
        FirstStep(
            _("Write a survey"),
            _("One question, and a comment if people like. It takes a minute."),
            address("staff:survey-new"),
            _("New survey"),
            has_live,
        ),
        FirstStep(
            _("Bring your contacts"),
            _("A CSV or XLSX file with e-mail addresses; every other column may come along."),
            address("staff:uploads"),
            _("Upload contacts"),
            Contact.objects.exists(),
        ),
        FirstStep(
            _("Send it"),
            _("You see who will get it, and who will not and why, before anything leaves."),
            address("staff:campaign-new"),
            _("New campaign"),
            Invitation.objects.filter(sent_at__isnull=False).exists(),
        ),
        FirstStep(
            _("Read the first answers here"),
            _("Scores appear from five answers, comparisons from thirty."),
            address("staff:surveys"),
            _("See your surveys"),
            Response.objects.exists(),
        ),
    ]
