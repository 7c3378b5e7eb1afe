"""Campaigns that recur: every so many days a wave opens, a campaign of its own.

A wave asks whoever is in the audience on the day it opens, spread over the
days until the next one; each person keeps their place, so that they are asked
every so many days and never sooner.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from outbox.days import zone
from outbox.transactions import write
from surveys.audience import contacts_of
from surveys.campaigns import is_paused, start
from surveys.models import Campaign, Survey
from surveys.placing import audience_of


def opening(series: Campaign, number: int) -> datetime:
    """Return when a wave (1, 2, …) opens: the same time of day, whatever the clocks do."""
    first = (series.starts_at or series.created_at).astimezone(zone())
    days = timedelta(days=series.every_days * (number - 1))
    return (first.replace(tzinfo=None) + days).replace(tzinfo=zone(), fold=first.fold)


def number_at(series: Campaign, moment: datetime) -> int:
    """Return the wave that is open at a moment, 0 before the first."""
    number = max((moment - opening(series, 1)).days // series.every_days, 0)
    while opening(series, number + 1) <= moment:
        number += 1
    return number


def open_wave(series_id: int, *, now: datetime | None = None) -> datetime | None:
    """Open the wave that is due, once; return when the next is, None when there is none any more.

    Waves that nobody could open in time are left out: people are not asked
    twice in a row to make up for it. A paused campaign opens none.
    """
    now = now or timezone.now()
    with write():
        rows = Campaign.objects.select_for_update(of=("self",)).select_related("survey")
        series = rows.filter(pk=series_id, cancelled_at__isnull=True).first()
        if series is None or not _takes_answers(series.survey, now):
            return None
        number = number_at(series, now)
        if number and not is_paused(series) and not series.waves.filter(wave=number).exists():
            _open(series, number)
    return opening(series, number + 1)


def _takes_answers(survey: Survey, now: datetime) -> bool:
    is_over = survey.closes_at is not None and survey.closes_at <= now
    return survey.status == Survey.Status.LIVE and not is_over


def _open(series: Campaign, number: int) -> None:
    name = _("%(campaign)s, wave %(number)s") % {
        "campaign": series.name[:100],
        "number": number,
    }
    wave = Campaign.objects.create(
        name=name,
        survey=series.survey,
        segment_id=series.segment_id,
        upload_id=series.upload_id,
        audience=series.audience,
        starts_at=opening(series, number),
        spread_days=series.spread_days,
        is_morning=series.is_morning,
        reminder_days=series.reminder_days,
        wave_of=series,
        wave=number,
        created_by_id=series.created_by_id,
    )
    start(wave, contacts_of(audience_of(wave)).count())
