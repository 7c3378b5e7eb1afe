"""This app's lines of the staff sidebar."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from outbox.models import Job
from outbox.staff.badges import Badge, Counted
from outbox.staff.shell import Entry
from surveys import outages
from surveys.mailbox import is_embedded
from surveys.models import SendingStop, Upload
from surveys.services import DELIVER

# Mails that wait for a person: the outbox has a small index of stuck work; invitations are many.
DECISIONS = Counted(
    lambda: [Job.objects.filter(kind=DELIVER, state=Job.State.DOUBTFUL)],
    lambda count: Badge(str(count), is_hot=True) if count else None,
)
RUNNING = Counted(
    lambda: [Upload.objects.filter(state=Upload.State.RUNNING)],
    lambda count: Badge(str(count)) if count else None,
)


def _stopped(stops: int, long_outages: int) -> Badge | None:
    """Say how many stops of sending wait for a person; else that all mail waits."""
    if stops:
        return Badge(str(stops), is_hot=True)
    return Badge(_now("waits"), is_hot=True) if long_outages else None


STOPPED = Counted(
    lambda: [SendingStop.objects.filter(resumed_at__isnull=True), outages.long_outages()], _stopped
)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "ask", 10, _("Surveys"), "staff:surveys", "edit", "surveys.view_survey",
        covers=("/admin/surveys/",),  # their results; longer addresses there are model forms
    ),
    Entry(
        "ask", 20, _("Campaigns"), "staff:campaigns", "send", "surveys.view_campaign", DECISIONS
    ),
    Entry("ask", 25, _("Mail"), "staff:mails", "mail", "surveys.view_invitation", STOPPED),
    Entry(
        "ask", 30, _("Contacts"), "staff:contacts", "people", "surveys.view_contact",
        covers=("/admin/surveys/contact/",),
    ),
    Entry(
        "ask", 40, _("Customers"), "admin:surveys_customer_changelist", "building",
        "surveys.view_customer",
    ),
    Entry("ask", 50, _("Segments"), "staff:segments", "slice", "surveys.view_segment"),
    Entry(
        "ask", 60, _("Contact files"), "staff:uploads", "upload", "surveys.add_upload", RUNNING
    ),
    Entry("ask", 70, _("Connectors"), "staff:connectors", "link", "surveys.view_connector"),
    Entry("run", 20, _("Brands"), "admin:surveys_brand_changelist", "brush", "surveys.view_brand"),
    Entry(
        "run", 30, _("No survey mail"), "admin:surveys_suppression_changelist", "stop",
        "surveys.view_suppression",
    ),
    Entry("run", 40, _("API keys"), "staff:keys", "key", "surveys.view_apikey"),
)  # fmt: skip

if is_embedded():  # with EMAIL_URL set, mail leaves the house and there is nothing to read
    ENTRIES += (
        Entry("run", 35, _("Mailbox"), "surveys:mailbox", "mail", "surveys.view_invitation"),
    )
