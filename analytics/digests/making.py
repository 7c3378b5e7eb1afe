"""Make the file of a report, store it with its checksums, and have it mailed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from analytics.digests.clock import REPORT_MAIL
from analytics.digests.documents import Document, document_of
from analytics.digests.models import ReportFile, ReportMail
from analytics.digests.pdf import pdf_of
from analytics.digests.sending import gone_words
from analytics.scores.slices import UnknownPart
from outbox.jobs import Wanted, enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write

_State = ReportFile.State


def html_of(document: Document) -> bytes:
    return render_to_string("digests/document.html", {"document": document}).encode()


def make_files(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "report": subject = file. Repeated, it makes the same file again."""
    for item in work:
        rows = ReportFile.objects.select_related("report__survey__brand")
        file = rows.filter(pk=item.subject_id).exclude(state=_State.DONE).first()
        if file is not None:
            _make(file)
    return ()


def _make(file: ReportFile) -> None:
    with override(file.report.language):
        try:
            document = document_of(file)
        except UnknownPart as error:
            file.state, file.error = _State.FAILED, gone_words(error)[:300]
            file.finished_at = timezone.now()
            file.save(update_fields=["state", "error", "finished_at"])
            return
        html, pdf = html_of(document), pdf_of(document, made_at=file.created_at)
    with write():
        locked = ReportFile.objects.select_for_update().filter(pk=file.pk).first()
        if locked is None or locked.state == _State.DONE:
            return
        ReportFile.objects.filter(pk=file.pk).update(
            html=html,
            pdf=pdf,
            html_sha256=hashlib.sha256(html).hexdigest(),
            pdf_sha256=hashlib.sha256(pdf).hexdigest(),
            state=_State.DONE,
            error="",
            summary=document.summary[:300],
            finished_at=timezone.now(),
        )
        if file.is_mailed:
            _mail(file)


def _mail(file: ReportFile) -> None:
    """Write down one mail per recipient; call inside the transaction that stores the file."""
    ReportMail.objects.bulk_create(
        (ReportMail(file=file, email=email) for email in file.report.recipients),
        ignore_conflicts=True,
    )
    ids = file.mails.values_list("pk", flat=True)
    enqueue(Wanted(REPORT_MAIL, pk, f"{REPORT_MAIL}:{pk}") for pk in ids)


def mark_failed(file_ids: Sequence[int]) -> None:
    """Called when a file was given up after its last attempt."""
    rows = ReportFile.objects.filter(pk__in=file_ids, state=_State.WAITING)
    rows.update(state=_State.FAILED, error="interrupted", finished_at=timezone.now())
