"""What the demo shows of digests and reports: a digest of the first admin, a report for a board."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from analytics.digests import service
from analytics.digests.models import Digest, Report
from analytics.digests.rhythms import MONTHLY, WEEKLY
from surveys.models import Survey


def write_demo(survey: Survey) -> None:
    """Set up a weekly digest of all surveys and a monthly report; call inside a transaction."""
    wish = service.ReportWish("Loyalty, for the board", survey, MONTHLY)
    service.save_report(wish, by=_admin())
    write_digest()


def write_digest() -> None:
    """Let the first admin, as soon as there is one, get a weekly digest of all surveys."""
    admin = _admin()
    if admin and not admin.digests.exists():
        digest = service.save_digest(service.DigestWish(WEEKLY, 8), user=admin)
        Digest.objects.filter(pk=digest.pk).update(is_demo=True)


def _admin() -> Any:
    return get_user_model().objects.filter(is_superuser=True, is_staff=True).first()


def make_first_file() -> None:
    """Have the report of the last month made, once the answers are read and counted."""
    for report in Report.objects.filter(survey__is_demo=True):
        service.make_now(report)


def remove_demo() -> None:
    """Delete the demo's digest; its report goes with the survey it is about."""
    Digest.objects.filter(is_demo=True).delete()
    Report.objects.filter(survey__is_demo=True).delete()
