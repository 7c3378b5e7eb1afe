"""What asking needs of a person: files that could not be worked through."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from outbox.staff.attention import Need, address
from surveys.models import Upload

RECENT = timedelta(days=7)


def needs(request: HttpRequest) -> list[Need]:
    """Name the uploads that failed in the last days (a source of the home page)."""
    if not request.user.has_perm("surveys.view_upload"):
        return []
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
