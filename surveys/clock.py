"""What a campaign does by itself while it runs: open waves, ask for reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from outbox.registry import Later, Setback, Work
from surveys.campaigns import PAUSED, is_paused
from surveys.models import Campaign
from surveys.reminding import remind_due
from surveys.waves import open_wave

LOOK_EVERY = timedelta(minutes=10)  # for reminders; a wave has a moment of its own
_NET = timedelta(hours=1)  # a paused campaign is looked at again at the latest


def turn(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "campaign_clock": one piece of work for as long as a campaign runs.

    It is done when nothing can come any more; until then it puts itself off.
    """
    setbacks: list[Setback] = []
    for item in work:
        campaign = Campaign.objects.filter(pk=item.subject_id).first()
        if campaign is None:
            continue
        if next_at := _turn(campaign):
            error = PAUSED if is_paused(campaign) else ""
            seconds = max((next_at - timezone.now()).total_seconds(), 0)
            seconds = min(seconds, _NET.total_seconds()) if error else seconds
            setbacks.append(Later(item.id, seconds, error, counts=False))
    return setbacks


def _turn(campaign: Campaign) -> datetime | None:
    """Do what is due; return when to look again, None when nothing can come any more."""
    if campaign.every_days:
        return open_wave(campaign.pk)
    return timezone.now() + LOOK_EVERY if remind_due(campaign) else None
