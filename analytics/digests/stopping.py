"""The link that ends a mail: signed, for ever good, and only for ending it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from analytics.digests.models import Digest, ReportMail
from outbox.transactions import write

_signer = Signer(salt="analytics.digests.stop", sep=".")


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a link is about: the digest of a user, or one address of a report."""

    email: str
    digest: Digest | None = None
    mail: ReportMail | None = None

    @property
    def is_over(self) -> bool:
        if self.digest:
            return self.digest.is_paused
        return bool(self.mail and self.email not in self.mail.file.report.recipients)


def digest_link(digest_id: int) -> str:
    return _link(f"digest-{digest_id}")


def report_link(mail_id: int) -> str:
    return _link(f"report-{mail_id}")


def _link(what: str) -> str:
    return settings.BASE_URL + reverse("digests:stop", args=[_signer.sign(what)])


def find(token: str) -> Stopped | None:
    """Return what a link is about; None for a forged one or what is gone."""
    try:
        kind, _dash, number = _signer.unsign(token).partition("-")
    except BadSignature:
        return None
    if kind == "digest":
        digest = Digest.objects.select_related("user").filter(pk=int(number)).first()
        return Stopped(digest.user.email, digest=digest) if digest else None
    mail = ReportMail.objects.select_related("file__report").filter(pk=int(number)).first()
    return Stopped(mail.email, mail=mail) if mail else None


def stop(found: Stopped) -> None:
    """Send no more of it: pause the digest, take the address off the report."""
    if found.digest:
        Digest.objects.filter(pk=found.digest.pk).update(next_at=None)
        found.digest.next_at = None
    if found.mail:
        report = found.mail.file.report
        with write():
            locked = type(report).objects.select_for_update().get(pk=report.pk)
            locked.recipients = [one for one in locked.recipients if one != found.email]
            locked.save(update_fields=["recipients"])
        report.recipients = locked.recipients
