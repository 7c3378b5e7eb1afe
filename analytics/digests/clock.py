"""One clock for all digests and reports: it writes down what is due, and puts itself off.

It looks once a minute at an index of next moments. An issue or a file is one
row a period, so two clocks, a crash or an hour changed twice make no second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from analytics.digests.models import Digest, Issue, Report, ReportFile
from analytics.digests.rhythms import covered, latest_moment, next_moment
from outbox.days import local_date, zone
from outbox.jobs import Wanted, enqueue
from outbox.registry import Later, Setback, Work
from outbox.transactions import write

CLOCK, DIGEST, REPORT, REPORT_MAIL = "digest_clock", "digest", "report", "report_mail"
LOOK_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=400)
_AT_A_TIME = 200


def wind() -> None:
    """Have the clock run; harmless when it does. Call inside a transaction."""
    enqueue([Wanted(CLOCK, 0, CLOCK, repeats=True)])


def upcoming(schedule: Digest | Report, *, after: datetime | None = None) -> datetime:
    """Return the next moment of a schedule."""
    return next_moment(schedule.rhythm, schedule.hour, after=after or timezone.now(), zone=zone())


def turn(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "digest_clock": done only when nothing is scheduled any more."""
    now = timezone.now()
    begin_due(now)
    forget(now)
    moments = [
        model.objects.filter(next_at__isnull=False)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
        for model in (Digest, Report)
    ]
    if not any(moments):
        return ()
    soonest = min(moment for moment in moments if moment)
    seconds = min((soonest - now).total_seconds(), LOOK_EVERY.total_seconds())
    return [Later(item.id, max(seconds, 0), "", counts=False) for item in work]


def begin_due(now: datetime) -> None:
    """Write down each issue and file that is due, with its work; the next moment follows."""
    for model in (Digest, Report):
        due = model.objects.filter(next_at__lte=now).values_list("pk", flat=True)
        for pk in list(due.order_by("next_at")[:_AT_A_TIME]):
            with write():
                _begin(model, pk, now)


def _begin(model: type[Digest] | type[Report], pk: int, now: datetime) -> None:
    schedule = model.objects.select_for_update().filter(pk=pk, next_at__lte=now).first()
    if schedule is None or schedule.next_at is None:
        return  # another clock was quicker, or somebody paused it
    moment = latest_moment(
        schedule.rhythm, schedule.hour, since=schedule.next_at, now=now, zone=zone()
    )
    news = covered(schedule.rhythm, local_date(moment))
    days: dict[str, Any] = {"start": news.start, "stop": news.stop, "is_asked": False}
    if isinstance(schedule, Digest):
        issue, is_new = Issue.objects.get_or_create(digest=schedule, **days)
        wanted = Wanted(DIGEST, issue.pk, f"{DIGEST}:{issue.pk}")
    else:
        file, is_new = ReportFile.objects.get_or_create(report=schedule, **days)
        wanted = Wanted(REPORT, file.pk, f"{REPORT}:{file.pk}")
    if is_new:
        enqueue([wanted])
    schedule.next_at = upcoming(schedule, after=moment)
    schedule.save(update_fields=["next_at"])


def forget(now: datetime) -> None:
    """Take away what is more than a year old."""
    for model in (Issue, ReportFile):
        old = model.objects.filter(created_at__lt=now - KEPT_FOR)
        if old.exists():
            old.delete()
