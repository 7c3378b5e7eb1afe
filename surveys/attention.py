"""What asking needs of a person: stopped sending, a mail server away, files that failed."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from outbox.models import Job
from outbox.staff.attention import Need, address
from surveys import stops
from surveys.delivery import NO_SERVER
from surveys.models import Upload
from surveys.services import DELIVER

RECENT = timedelta(days=7)
SERVER_AWAY = timedelta(minutes=15)


def needs(request: HttpRequest) -> list[Need]:
    """Name what asking needs of this user (a source of the home page)."""
    rows: list[Need] = []
    if request.user.has_perm("surveys.view_invitation"):
        rows += [*_stopped(), *_no_server()]
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
    waiting = Job.objects.filter(
        kind=DELIVER,
        state=Job.State.PENDING,
        last_error__startswith=NO_SERVER,
        created_at__lt=timezone.now() - SERVER_AWAY,
    )
    row = waiting.only("last_error").first()
    if row is None:
        return []
    return [
        Need(
            group=_("Mail"),
            title=_("The mail server does not take our mails"),
            url=address("staff:mails", "state=waiting"),
            note=row.last_error.removeprefix(NO_SERVER) + ". " + _("They leave once it does."),
            icon="alert",
            is_urgent=True,
            order=6,
        )
    ]


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
