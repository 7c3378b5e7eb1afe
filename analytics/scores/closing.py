"""Close a month once it has settled: keep what was published, for good.

Every recount asks for the closing of the months it touched; the same month of
the same survey is asked for once. A month settles so many days after its end,
or after its first answer came in when that was later (imported history).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from analytics.periods import Period, month_of, settling
from analytics.scores import queries
from analytics.scores.models import Snapshot
from analytics.scores.values import score
from analytics.statistics.histograms import total
from feedback.reading import TALLY
from feedback.store import READ
from outbox.days import day_bounds, zone
from outbox.jobs import Wanted
from outbox.models import Job
from outbox.registry import Later, Setback, Work
from outbox.transactions import write
from surveys.models import Survey

CLOSE = "close"
_FACETS = ("all", "quarantined")
_UNDONE = (Job.State.PENDING, Job.State.CLAIMED)
_BACKLOG = timedelta(hours=1)  # an answer unread for so long waits for a worker
_LOOK_AGAIN = 600.0  # seconds


def close_wanted(survey_id: int, days: Iterable[date]) -> list[Wanted]:
    """Ask for the closing of the months of these days, each once it has settled."""
    now = timezone.now()
    return [
        Wanted(
            CLOSE,
            survey_id,
            f"{CLOSE}:{survey_id}:{first:%Y-%m}",
            detail=first.isoformat(),
            due_at=max(_end(month_of(first)), now) + settling(),
        )
        for first in sorted({day.replace(day=1) for day in days})
    ]


def _end(month: Period) -> datetime:
    return day_bounds(month.last)[1]


def close_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "close": subject = survey, detail = first day of the month."""
    setbacks: list[Setback] = []
    for item in work:
        month = month_of(date.fromisoformat(item.detail))
        survey = Survey.objects.filter(pk=item.subject_id).first()
        if survey is None or Snapshot.objects.filter(survey=survey, month=month.start).exists():
            continue
        early = (_end(month) + settling() - timezone.now()).total_seconds()
        if early > 0:  # the settling time was made longer meanwhile
            setbacks.append(Later(item.id, early, "the month has not settled", counts=False))
        elif _is_uncounted(survey.pk, month):
            setbacks.append(Later(item.id, _LOOK_AGAIN, "answers wait to be counted", counts=False))
        else:
            close(survey, month)
    return setbacks


def _is_uncounted(survey_id: int, month: Period) -> bool:
    """Say whether answers of the month may be on record that its tallies do not hold yet."""
    waiting = Job.objects.filter(state__in=_UNDONE)
    days = waiting.filter(
        kind=TALLY, subject_id=survey_id, detail__startswith=f"{month.start:%Y-%m}-"
    )
    old = waiting.filter(kind=READ, created_at__lt=timezone.now() - _BACKLOG)
    return days.exists() or old.exists()


def close(survey: Survey, month: Period) -> None:
    """Keep the headline score of a month. A second call changes nothing."""
    with write():
        facets = queries.facets_of([survey.pk], month, only=_FACETS)[survey.pk]
        counts = facets.at("all")
        result = score(survey, counts, audience=None)
        interval = result.interval
        row = Snapshot(
            survey=survey,
            month=month.start,
            value=None if result.value is None else float(result.value),
            low=None if interval is None else float(interval.low),
            high=None if interval is None else float(interval.high),
            method="" if interval is None else interval.method,
            n=result.n,
            held=total(facets.at("quarantined")),
            counts={str(value): n for value, n in sorted(counts.items())},
            zone=str(zone()),
            definition_version=result.definition_version,
        )
        Snapshot.objects.bulk_create([row], ignore_conflicts=True)
