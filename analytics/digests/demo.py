"""What the demo shows of digests and reports: a digest of the first admin, a report for a board."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from analytics.digests import service
from analytics.digests.models import Digest, Report
from analytics.digests.rhythms import MONTHLY, WEEKLY
from surveys.models import Survey


def write_demo(survey: Survey) -> None:
    """Set up a weekly digest of all surveys and a monthly report; call inside a transaction."""
    admin = get_user_model().objects.filter(is_superuser=True, is_staff=True).first()
    if admin:
        digest = service.save_digest(service.DigestWish(WEEKLY, 8), user=admin)
        Digest.objects.filter(pk=digest.pk).update(is_demo=True)
    wish = service.ReportWish("Loyalty, for the board", survey, MONTHLY)
    service.save_report(wish, by=admin)


def remove_demo() -> None:
    """Delete the demo's digest; its report goes with the survey it is about."""
    Digest.objects.filter(is_demo=True).delete()
    Report.objects.filter(survey__is_demo=True).delete()
