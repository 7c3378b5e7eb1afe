"""Hold answers as a machine's, or count them after all. Nothing is deleted, everything audited."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date

from feedback.models import Response, StandingChange
from feedback.reading import tally_wanted
from outbox.days import local_date
from outbox.jobs import enqueue
from outbox.transactions import write

log = logging.getLogger(__name__)
MOST_AT_ONCE = 5000


def set_standing(response: Response, standing: str, *, by: str, reasons: str = "") -> bool:
    """Change whether an answer counts; False when it did already."""
    return bool(set_standings([response.pk], standing, by=by, reasons=reasons))


def set_standings(
    response_ids: Collection[int], standing: str, *, by: str, reasons: str = ""
) -> list[int]:
    """Change whether these answers count and have their days recounted; return those changed.

    `by` is the person, empty for the rules; `reasons` why it is held. At most
    MOST_AT_ONCE at a time.
    """
    with write():
        rows = list(
            Response.objects.select_for_update(of=("self",))
            .select_related("invitation")
            .filter(pk__in=list(response_ids)[:MOST_AT_ONCE])
            .exclude(standing=standing)
            .order_by("pk")
        )
        if not rows:
            return []
        changed = [row.pk for row in rows]
        is_held = standing == Response.Standing.QUARANTINED
        Response.objects.filter(pk__in=changed).update(
            standing=standing, standing_by=by, held_reasons=reasons if is_held else ""
        )
        StandingChange.objects.bulk_create(
            StandingChange(
                response_id=row.pk, standing=standing, by=by, reasons=reasons or row.held_reasons
            )
            for row in rows
        )
        enqueue(tally_wanted(_days(rows)))
    log.info("standing changed responses=%d standing=%s", len(changed), standing)
    return changed


def _days(rows: Collection[Response]) -> set[tuple[int, date]]:
    days: set[tuple[int, date]] = set()
    for row in rows:
        days.add((row.survey_id, row.submitted_date))
        if row.invitation.sent_at:
            days.add((row.survey_id, local_date(row.invitation.sent_at)))
    return days
