"""After a segment changed, everything that is counted by segment is counted anew."""

from __future__ import annotations

from collections.abc import Sequence

from feedback.models import Response
from feedback.reading import TALLY
from outbox.jobs import Wanted, enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write


def slice_anew(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "slice": ask for a recount of every day that has answers."""
    days = Response.objects.order_by().values_list("survey_id", "submitted_date").distinct()
    with write():
        enqueue(
            Wanted(TALLY, survey_id, f"{TALLY}:{survey_id}:{day}", detail=str(day), repeats=True)
            for survey_id, day in days
        )
    return ()
