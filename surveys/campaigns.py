"""Campaigns: written down once, in batches when large, with every person accounted for.

Everybody meant gets a row: waiting for a mail, or skipped with the reason.
So the states of a campaign add up to its audience, always.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from outbox import bell, jobs
from outbox.jobs import Wanted
from outbox.models import Job
from outbox.registry import Later, Setback, Work
from outbox.transactions import write
from surveys import contacts, reasons
from surveys.audience import Audience, Source
from surveys.models import Campaign, Invitation, Reminder, SendingStop, Survey
from surveys.placing import BATCH, meant_by, write_down
from surveys.services import DELIVER, REMIND, NotLive, new_invitation
from surveys.timing import AT_ONE_GO, Timing

CAMPAIGN = "campaign"
CLOCK = "campaign_clock"
PAUSED = "the campaign is paused"
AT_ONCE = 1000  # people written down within the request; more are left to the workers
DUE = -1.0  # seconds from now: due at once, whatever the grain of the database's clock
SLICE_SECONDS = 10.0
State = Invitation.State


def launch(
    survey: Survey,
    audience: Audience,
    *,
    name: str,
    token: UUID,
    by: Any,
    size: int,
    timing: Timing = AT_ONE_GO,
) -> Campaign:
    """Write a campaign down and set it going; the same token gives the same campaign.

    `size` is the number of people meant, as planned. NotLive unless the survey is live.
    """
    if survey.status != Survey.Status.LIVE:
        raise NotLive(survey.slug)
    try:
        with write():
            contacts.store(audience.people)
            campaign = _new(survey, audience, timing, name=name, token=token, created_by=by)
            _skip_unusable(campaign, audience.unusable)
            start(campaign, size)
            return campaign
    except IntegrityError:
        # The button was pressed before; everything of this press is undone.
        if (twin := Campaign.objects.filter(token=token).first()) is not None:
            return twin
        raise


def _new(survey: Survey, audience: Audience, timing: Timing, **fields: Any) -> Campaign:
    return Campaign.objects.create(
        survey=survey,
        segment_id=audience.id if audience.source is Source.SEGMENT else None,
        upload_id=audience.id if audience.source is Source.UPLOAD else None,
        audience=_document(audience),
        starts_at=timing.starts_at,
        spread_days=timing.spread_days or timing.every_days,
        is_morning=timing.is_morning,
        every_days=timing.every_days,
        reminder_days=list(timing.reminder_days),
        **fields,
    )


def start(campaign: Campaign, size: int) -> None:
    """Let the first wave open, or the audience be written down: now, by a worker, or in time."""
    if campaign.reminder_days or campaign.every_days:
        key = f"{CLOCK}:{campaign.pk}"
        jobs.enqueue([Wanted(CLOCK, campaign.pk, key, due_at=campaign.starts_at)])
    if campaign.every_days:
        return
    campaign.is_preparing, campaign.audience_size = True, size
    campaign.save(update_fields=["is_preparing", "audience_size"])
    is_early = campaign.starts_at is not None and campaign.starts_at > timezone.now()
    if size <= AT_ONCE and not is_early:
        while _prepare(campaign.pk):
            pass
        campaign.refresh_from_db()
    else:
        key = f"{CAMPAIGN}:{campaign.pk}"
        jobs.enqueue([Wanted(CAMPAIGN, campaign.pk, key, due_at=campaign.starts_at)])


def _document(audience: Audience) -> dict[str, Any]:
    emails = [person.email for person in audience.people]
    return {"source": audience.source, "id": audience.id, "emails": emails}


def _skip_unusable(campaign: Campaign, unusable: Sequence[str]) -> None:
    Invitation.objects.bulk_create(
        new_invitation(
            campaign.survey,
            contact=None,
            campaign=campaign,
            channel=Invitation.Channel.EMAIL,
            state=State.SKIPPED,
            reason=f"{reasons.UNUSABLE}:{text}"[:120],
        )
        for text in unusable
    )


# ---- The work ----------------------------------------------------------------------------------


def prepare_campaigns(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "campaign": write down large audiences, a slice of time each."""
    setbacks = []
    for item in work:
        ends_at = time.monotonic() + SLICE_SECONDS
        while _prepare(item.subject_id):
            if time.monotonic() > ends_at:
                setbacks.append(Later(item.id, DUE, "more people wait", counts=False))
                break
    return setbacks


def _prepare(campaign_id: int) -> bool:
    """Give the next people their invitation, in one transaction; False when nobody is left."""
    with write():
        campaign = (
            Campaign.objects.select_for_update(of=("self",))
            .select_related("survey", "wave_of")
            .filter(pk=campaign_id, is_preparing=True)
            .first()
        )
        if campaign is None:
            return False
        meant = meant_by(campaign)
        batch = list(meant.filter(pk__gt=campaign.cursor).order_by("pk")[:BATCH])
        write_down(campaign, batch)
        campaign.is_preparing = len(batch) == BATCH
        campaign.cursor = batch[-1].pk if batch else campaign.cursor
        if not campaign.is_preparing:
            # Segments move while a large audience is written down: what counts is who is in.
            campaign.audience_size = campaign.invitations.count()
        campaign.save(update_fields=["is_preparing", "cursor", "audience_size"])
    return campaign.is_preparing


# ---- What a person decides -----------------------------------------------------------------------


def cancel(campaign: Campaign) -> int:
    """Send no further mail of this campaign or its waves; return how many people are spared."""
    with write():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        spared = sum(cancel(wave) for wave in locked.waves.filter(cancelled_at__isnull=True))
        spared += locked.invitations.filter(state=State.WAITING).update(
            state=State.CANCELLED, reason=reasons.CANCELLED
        )
        spared += locked.audience_size - locked.invitations.count() if locked.is_preparing else 0
        Campaign.objects.filter(pk=campaign.pk).update(
            is_preparing=False,
            cancelled_at=timezone.now(),
            audience_size=locked.invitations.count(),
        )
    return spared


def pause(campaign: Campaign, *, by: str) -> None:
    """Let no mail of this campaign or its waves leave until somebody resumes it."""
    with write():
        for id_ in _with_waves(campaign):
            SendingStop.objects.get_or_create(
                scope=f"campaign:{id_}",
                resumed_at=None,
                defaults={
                    "campaign_id": id_,
                    "cause": SendingStop.Cause.PAUSED,
                    "mailed": 0,
                    "bad": 0,
                    "stopped_by": by[:150],
                },
            )


def resume(campaign: Campaign, *, by: str) -> None:
    """Let mails leave again; whose time came meanwhile is due at once."""
    with write():
        ids = _with_waves(campaign)
        stops = SendingStop.objects.filter(campaign_id__in=ids, resumed_at__isnull=True)
        stops.update(resumed_at=timezone.now(), resumed_by=by[:150])
        now = timezone.now()
        mails = Invitation.objects.filter(
            Q(send_at__isnull=True) | Q(send_at__lte=now), campaign_id__in=ids, state=State.WAITING
        )
        pending = Job.objects.filter(state=Job.State.PENDING)
        pending.filter(kind=DELIVER, subject_id__in=mails.values("pk")).update(due_at=Now())
        reminders = Reminder.objects.filter(invitation__campaign_id__in=ids)
        pending.filter(kind=REMIND, subject_id__in=reminders.values("pk")).update(due_at=Now())
        pending.filter(kind=CLOCK, subject_id__in=ids, due_at__gt=Now()).filter(
            last_error=PAUSED
        ).update(due_at=Now())
    for kind in (DELIVER, REMIND, CLOCK):
        bell.ring(kind)


def is_paused(campaign: Campaign) -> bool:
    return SendingStop.objects.filter(
        campaign=campaign, resumed_at__isnull=True, cause=SendingStop.Cause.PAUSED
    ).exists()


def _with_waves(campaign: Campaign) -> list[int]:
    waves = campaign.waves.filter(cancelled_at__isnull=True)
    return [campaign.pk, *waves.values_list("pk", flat=True)]


def take_as_sent(invitations: Iterable[Invitation]) -> int:
    """A person says that doubtful mails did arrive; they are never sent again."""
    with write():
        ids = _lock(invitations, [State.DOUBTFUL])
        jobs.settle(DELIVER, ids)
        return Invitation.objects.filter(pk__in=ids).update(
            state=State.SENT, sent_at=timezone.now(), reason=""
        )


def send_again(invitations: Iterable[Invitation]) -> int:
    """A person decides to send again what is doubtful or has failed; return how many wait now."""
    with write():
        ids = _lock(invitations, [State.DOUBTFUL, State.FAILED])
        count = Invitation.objects.filter(pk__in=ids).update(state=State.WAITING, reason="")
        jobs.reopen(Wanted(DELIVER, id_, f"{DELIVER}:{id_}") for id_ in ids)
        return count


def _lock(invitations: Iterable[Invitation], states: Sequence[str]) -> list[int]:
    rows = Invitation.objects.select_for_update().filter(
        pk__in=[invitation.pk for invitation in invitations], state__in=states
    )
    return list(rows.values_list("pk", flat=True))
