"""Hold an answer as a machine's, or count it after all. Nothing is deleted."""

from __future__ import annotations

import logging

from feedback.models import Response
from feedback.reading import tally_wanted
from outbox.days import local_date
from outbox.jobs import enqueue
from outbox.transactions import write

log = logging.getLogger(__name__)


def set_standing(response: Response, standing: str, *, by: str) -> bool:
    """Change whether an answer counts and have its days recounted; False when it did already."""
    with write():
        changed = (
            Response.objects.filter(pk=response.pk)
            .exclude(standing=standing)
            .update(standing=standing)
        )
        if changed:
            days = {(response.survey_id, response.submitted_date)}
            if response.invitation.sent_at:
                days.add((response.survey_id, local_date(response.invitation.sent_at)))
            enqueue(tally_wanted(days))
    if changed:
        log.info("standing changed response=%d standing=%s by=%s", response.pk, standing, by)
    return bool(changed)
