"""What asking needs of a person: stopped sending, a mail server away, files that failed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.staff.attention import Need, address
from surveys import outages, stops
from surveys.models import UnreadReport, Upload

RECENT = timedelta(days=7)


def needs(request: HttpRequest) -> list[Need]:
    """Name what asking needs of this user (a source of the home page)."""
    rows: list[Need] = []
    if request.user.has_perm("surveys.view_invitation"):
        rows += [*_stopped(), *_no_server(), *_mailbox()]
    if request.user.has_perm("surveys.view_upload"):
        rows += _failed_uploads()
    return rows


def _stopped() -> list[Need]:
    return [
        Need(
            group=_("Mail"),
            title=stops.headline(stop),
            url=address("staff:mails"),
            note=stops.explanation(stop) + " " + _("Look at it, then go on with one click."),
            icon="stop",
            is_urgent=True,
            order=5,
        )
        for stop in stops.in_force()
    ]


def _no_server() -> list[Need]:
    """Say when mails have found no mail server for a while."""
    outage = outages.mail_server_away()
    if outage is None or not outages.is_long(outage):
        return []
    return [
        Need(
            group=_("Mail"),
            title=_("Mail waits: the server does not answer since %s") % _moment(outage.since),
            url=address("staff:mails", "state=waiting"),
            note=outage.error + ". " + _("They leave once it does."),
            icon="alert",
            is_urgent=True,
            order=6,
        )
    ]


def _mailbox() -> list[Need]:
    """Say when the mailbox of bounces cannot be read, or one of its mails."""
    outage = outages.mailbox_away() if settings.BOUNCE_MAILBOX else None
    rows = []
    if outage:
        title = _("The mailbox of bounces cannot be read since %s") % _moment(outage.since)
        note = outage.error + ". " + _("Until then nobody hears which mails came back.")
        rows.append(Need(_("Mail"), title, address("staff:mails"), note, "alert", True, 7))
    unread = UnreadReport.objects.filter(created_at__gte=timezone.now() - RECENT).count()
    if unread:
        title = ngettext(
            "One mail of the mailbox of bounces could not be read",
            "%(n)s mails of the mailbox of bounces could not be read",
            unread,
        ) % {"n": unread}
        note = _("They are kept there, flagged. Look at them by hand.")
        rows.append(Need(_("Mail"), title, address("staff:mails"), note, "mail", False, 45))
    return rows


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _failed_uploads() -> list[Need]:
    since = timezone.now() - RECENT
    failed = Upload.objects.filter(state=Upload.State.FAILED, created_at__gte=since)
    return [
        Need(
            group=_("Contacts"),
            title=_("The upload %s failed") % upload.name,
            url=address("staff:upload", "", upload.pk),
            note=upload.error or _("Nothing was taken over. Look at the file and try again."),
            icon="upload",
            is_urgent=True,
            order=40,
        )
        for upload in failed.only("name", "error").order_by("-id")[:3]
    ]
