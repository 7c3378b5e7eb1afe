"""What an upload did and is doing: progress, reasons, the refused rows to correct."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox import jobs
from outbox.models import Job
from surveys import roster
from surveys.models.files import TableFile
from surveys.roster import REMEDIES
from surveys.sheets import safe_cell
from surveys.uploads import UPLOAD

_STUCK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is. `rate`: rows a second so far; `trouble`: why its work was given up."""

    done: int
    rows: int
    rate: float
    left: timedelta | None
    trouble: str
    is_stuck: bool  # nothing was done for a minute: no worker runs

    @property
    def left_words(self) -> str:
        return duration(self.left) if self.left is not None else ""


def duration(left: timedelta) -> str:
    """Return a rough time in words: "40 seconds", "3 minutes", "2 hours"."""
    seconds = round(left.total_seconds())
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def progress(upload: TableFile, *, kind: str = UPLOAD) -> Progress:
    started = upload.started_at or timezone.now()
    seconds = ((upload.finished_at or timezone.now()) - started).total_seconds()
    rate = upload.rows_done / seconds if seconds > 0 else 0.0
    left = timedelta(seconds=(upload.rows - upload.rows_done) / rate) if rate else None
    job = Job.objects.filter(dedupe_key=f"{kind}:{upload.pk}", state=Job.State.DEAD).first()
    trouble = job.last_error if job else ""
    is_stuck = not upload.rows_done and seconds > _STUCK_SECONDS
    return Progress(upload.rows_done, upload.rows, rate, left, trouble, is_stuck)


def try_again(upload: TableFile, *, kind: str = UPLOAD) -> int:
    """Give work that was given up a fresh start; it goes on where it stopped."""
    ids = Job.objects.filter(dedupe_key=f"{kind}:{upload.pk}").values_list("id", flat=True)
    return jobs.retry(ids)


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of problem in a file: how many rows, what to do."""

    code: str
    count: int
    is_refusal: bool
    example: str
    remedy: str


def reasons(upload: Any) -> list[Reason]:
    """Return the kinds of problems, refusals first, then by number of rows."""
    counts = list(
        upload.errors.order_by()
        .values("code", "is_refusal")
        .annotate(n=Count("id"), first=Min("id"))
    )
    examples = upload.errors.in_bulk([row["first"] for row in counts])
    found = [
        Reason(
            row["code"],
            row["n"],
            row["is_refusal"],
            examples[row["first"]].message,
            _remedy(row["code"]),
        )
        for row in counts
    ]
    return sorted(found, key=lambda reason: (not reason.is_refusal, -reason.count))


def _remedy(code: str) -> str:
    return str(REMEDIES.get(code, _("Correct the value and upload the row again.")))


def refused_csv(upload: Any) -> Iterator[str]:
    """Yield the refused rows as CSV: the row itself, where, why and what to do.

    Our own columns are left out by themselves when the corrected file is
    uploaded again.
    """
    own = [_("row"), _("column"), _("reason"), _("what to do")]
    yield "\ufeff" + _line([*upload.header, *(f"{roster.OWN_HEADING}{name}" for name in own)])
    for error in upload.errors.filter(is_refusal=True).iterator(chunk_size=1000):
        cells = [str(cell) for cell in error.cells] + [""] * len(upload.header)
        where = [str(error.line), error.column, error.message, _remedy(error.code)]
        yield _line([*cells[: len(upload.header)], *where])


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()
