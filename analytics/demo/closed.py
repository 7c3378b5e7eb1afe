"""The demo's closed months, and three answers that came in after the last of them was closed."""

from __future__ import annotations

from datetime import timedelta

from analytics.periods import Period, month_of, settling, today
from analytics.scores.closing import close
from analytics.scores.models import Snapshot, Tally
from feedback.imports import ImportRow, import_responses
from outbox.days import day_bounds
from surveys.models import Survey

_LATE = (9, 10, 9)
_LATE_IN = "customer-relationship"


def close_months() -> None:
    """Close what has settled, each month on the day it would have been closed on."""
    for survey in Survey.objects.filter(is_demo=True):
        days = Tally.objects.filter(survey=survey).order_by("day").values_list("day", flat=True)
        first = days.first()
        month = _last_settled()
        while first and month.stop > first:
            close(survey, month)
            at = day_bounds(month.last)[1] + settling()
            Snapshot.objects.filter(survey=survey, month=month.start).update(closed_at=at)
            month = month_of(month.start - timedelta(days=1))


def _last_settled() -> Period:
    return month_of((today() - settling()).replace(day=1) - timedelta(days=1))


def answer_late() -> None:
    """Bring in answers of a closed month, as an upload from a trade fair would."""
    survey = Survey.objects.filter(is_demo=True, slug=_LATE_IN).first()
    if survey is None:
        return
    at = day_bounds(_last_settled().last)[0] - timedelta(days=2)
    rows = [
        ImportRow(score=score, submitted_at=at + timedelta(hours=9 + n), external_id=f"fair-{n}")
        for n, score in enumerate(_LATE)
    ]
    import_responses(survey, rows)
