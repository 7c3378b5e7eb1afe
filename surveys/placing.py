"""Write people of a campaign down: each with when the mail leaves, or why none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from outbox import jobs
from outbox.days import zone
from outbox.jobs import Wanted
from surveys import reasons
from surveys.audience import Audience, Source, contacts_of, free_at, judged, reason_of
from surveys.models import AskingRules, Campaign, Invitation
from surveys.roster import Person
from surveys.services import DELIVER, new_invitation
from surveys.slots import Plan, morning_from, slot, zone_of

BATCH = 500
_State = Invitation.State


@dataclass(frozen=True, slots=True)
class _Time:
    """When a mail leaves (None: now), and whether nothing has to be waited for then."""

    send_at: datetime | None
    is_rested: bool


def audience_of(campaign: Campaign) -> Audience:
    """Return who a campaign means, as it was chosen; unusable addresses are its skipped rows."""
    document = campaign.audience
    people = tuple(Person(0, email) for email in document.get("emails", []))
    return Audience(Source(document["source"]), document.get("id"), people)


def meant_by(campaign: Campaign) -> QuerySet[Any]:
    return judged(
        campaign.survey,
        contacts_of(audience_of(campaign)),
        give_up_at=_give_up_at(campaign),
        series=campaign.wave_of,
    )


def _give_up_at(campaign: Campaign) -> datetime:
    """Return until when those who rest are waited for; a wave at least until the next one."""
    every = campaign.wave_of.every_days if campaign.wave_of else 0
    days = max(AskingRules.current().patience_days, every)
    opens_at = campaign.starts_at or campaign.created_at
    return opens_at + timedelta(days=campaign.spread_days + days)


def write_down(campaign: Campaign, batch: Sequence[Any]) -> None:
    times, give_up = _times(campaign, batch), _give_up_at(campaign)
    rows = [_row(campaign, contact, times[contact.pk], give_up) for contact in batch]
    created = Invitation.objects.bulk_create(rows, batch_size=BATCH)
    jobs.enqueue(
        Wanted(DELIVER, row.pk, f"{DELIVER}:{row.pk}", due_at=row.send_at)
        for row in created
        if row.state == _State.WAITING
    )


def _row(campaign: Campaign, contact: Any, time: _Time, give_up: datetime) -> Invitation:
    send_at = time.send_at
    reason = "" if time.is_rested and not contact.skip else reason_of(contact)
    if not contact.skip and send_at and send_at > give_up:
        contact.skip, reason = reasons.WAITING, reasons.WAITING
    row = new_invitation(
        campaign.survey,
        contact=contact,
        campaign=campaign,
        channel=Invitation.Channel.EMAIL,
        state=_State.SKIPPED if contact.skip else _State.WAITING,
        reason=reason,
    )
    row.give_up_at = give_up
    if row.state == _State.WAITING and send_at:
        row.send_at = send_at
        row.expires_at += max(send_at - timezone.now(), timedelta(0))
    return row


def _times(campaign: Campaign, batch: Sequence[Any]) -> dict[int, _Time]:
    """Return by contact when its mail leaves."""
    series, rules, now = campaign.wave_of, AskingRules.current(), timezone.now()
    every = series.every_days if series else 0
    is_timed = campaign.starts_at or campaign.spread_days or campaign.is_morning
    plan = Plan(campaign.starts_at or now, campaign.spread_days, campaign.is_morning)
    waiting, home = _still_waiting(series, batch), zone()
    found: dict[int, _Time] = {}
    for contact in batch:
        there = zone_of(contact.properties, home)
        at = slot(plan, contact.pk, there) if is_timed else now
        free = free_at(campaign.survey, contact, rest_any_days=rules.rest_days, every_days=every)
        if contact.pk in waiting:
            free = max(free, waiting[contact.pk] + timedelta(days=every))
        later = max(at, free)
        if campaign.is_morning:
            later = morning_from(later, contact.pk, there)
        found[contact.pk] = _Time(later if is_timed or later > now else None, free <= at)
    return found


def _still_waiting(series: Campaign | None, batch: Sequence[Any]) -> dict[int, datetime]:
    """Return when people of this wave get the mail of an earlier one that has not left yet."""
    if series is None:
        return {}
    rows = Invitation.objects.filter(
        campaign__wave_of=series,
        contact_id__in=[contact.pk for contact in batch],
        state__in=[_State.WAITING, _State.HANDED],
    )
    moment = Max(Coalesce("send_at", "created_at"))
    return dict(rows.order_by().values_list("contact_id").annotate(at=moment))
