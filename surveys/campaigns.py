"""Campaigns: written down once, in batches when large, with every person accounted for.

Everybody meant gets a row: waiting for a mail, or skipped with the reason.
So the states of a campaign add up to its audience, always.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Count
from django.utils import timezone

from outbox import jobs
from outbox.jobs import Wanted
from outbox.registry import Later, Setback, Work
from outbox.transactions import write
from surveys import contacts, reasons
from surveys.audience import Audience, Source, contacts_of, judged, reason_of
from surveys.models import Campaign, Contact, Invitation, Survey
from surveys.roster import Person
from surveys.services import DELIVER, NotLive, new_invitation

CAMPAIGN = "campaign"
AT_ONCE = 1000  # people written down within the request; more are left to the workers
BATCH = 500
DUE = -1.0  # seconds from now: due at once, whatever the grain of the database's clock
SLICE_SECONDS = 10.0
State = Invitation.State


def launch(
    survey: Survey, audience: Audience, *, name: str, token: UUID, by: Any, size: int
) -> Campaign:
    """Write a campaign down and set it going; the same token gives the same campaign.

    `size` is the number of people meant, as planned. NotLive unless the survey is live.
    """
    if survey.status != Survey.Status.LIVE:
        raise NotLive(survey.slug)
    try:
        with write():
            return _launch(survey, audience, name=name, token=token, by=by, size=size)
    except IntegrityError:
        # The button was pressed before; everything of this press is undone.
        if (twin := Campaign.objects.filter(token=token).first()) is not None:
            return twin
        raise


def _launch(
    survey: Survey, audience: Audience, *, name: str, token: UUID, by: Any, size: int
) -> Campaign:
    contacts.store(audience.people)
    campaign = Campaign.objects.create(
        name=name,
        survey=survey,
        segment_id=audience.id if audience.source is Source.SEGMENT else None,
        upload_id=audience.id if audience.source is Source.UPLOAD else None,
        audience=_document(audience),
        audience_size=size,
        token=token,
        is_preparing=True,
        created_by=by,
    )
    _skip_unusable(campaign, audience.unusable)
    if size <= AT_ONCE:
        while _prepare(campaign.pk):
            pass
        campaign.refresh_from_db()
    else:
        jobs.enqueue([Wanted(CAMPAIGN, campaign.pk, f"{CAMPAIGN}:{campaign.pk}")])
    return campaign


def _document(audience: Audience) -> dict[str, Any]:
    emails = [person.email for person in audience.people]
    return {"source": audience.source, "id": audience.id, "emails": emails}


def _audience(document: dict[str, Any]) -> Audience:
    people = tuple(Person(0, email) for email in document.get("emails", []))
    return Audience(Source(document["source"]), document.get("id"), people)


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
            .select_related("survey")
            .filter(pk=campaign_id, is_preparing=True)
            .first()
        )
        if campaign is None:
            return False
        meant = judged(campaign.survey, contacts_of(_audience(campaign.audience)))
        batch = list(meant.filter(pk__gt=campaign.cursor).order_by("pk")[:BATCH])
        _write_down(campaign, batch)
        campaign.is_preparing = len(batch) == BATCH
        campaign.cursor = batch[-1].pk if batch else campaign.cursor
        if not campaign.is_preparing:
            # Segments move while a large audience is written down: what counts is who is in.
            campaign.audience_size = campaign.invitations.count()
        campaign.save(update_fields=["is_preparing", "cursor", "audience_size"])
    return campaign.is_preparing


def _write_down(campaign: Campaign, batch: Iterable[Contact]) -> None:
    rows = [
        new_invitation(
            campaign.survey,
            contact=contact,
            campaign=campaign,
            channel=Invitation.Channel.EMAIL,
            state=State.SKIPPED if (reason := reason_of(contact)) else State.WAITING,
            reason=reason,
        )
        for contact in batch
    ]
    created = Invitation.objects.bulk_create(rows, batch_size=BATCH)
    waiting = [row.pk for row in created if row.state == State.WAITING]
    jobs.enqueue(Wanted(DELIVER, id_, f"{DELIVER}:{id_}") for id_ in waiting)


# ---- Where is each person? -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people are in each state, and how quickly mail leaves.

    `states` + `unprepared` add up to `audience`. `rate`: mails a minute over
    the last minutes; `left`: until nobody waits, at that rate.
    """

    audience: int
    unprepared: int
    states: dict[str, int]
    opened: int
    answered: int
    rate: float
    left: timedelta | None

    @property
    def prepared(self) -> int:
        return self.audience - self.unprepared

    @property
    def mailable(self) -> int:
        """People who were to get a mail, however that ended."""
        left_out = self.states[State.SKIPPED] + self.states[State.CANCELLED]
        return self.prepared - left_out

    @property
    def cancellable(self) -> int:
        return self.states[State.WAITING] + self.unprepared

    @property
    def answer_share(self) -> float:
        """Answers per hundred mails that were sent."""
        sent = self.states[State.SENT]
        return 100 * self.answered / sent if sent else 0.0

    @property
    def underway(self) -> int:
        return self.states[State.WAITING] + self.states[State.HANDED]


_RATE_OVER = timedelta(minutes=2)


def standing(campaign: Campaign) -> Standing:
    """Count a campaign in one query over its index, and its rate in another."""
    rows = campaign.invitations.order_by().values_list("state")
    counted = rows.annotate(Count("pk"), Count("opened_at"), Count("answered_at"))
    states = dict.fromkeys(State.values, 0)
    opened = answered = 0
    for state, count, opens, answers in counted:
        states[state] = count
        opened, answered = opened + opens, answered + answers
    audience = campaign.audience_size
    unprepared = audience - sum(states.values()) if campaign.is_preparing else 0
    rate = _rate(campaign)
    waiting = states[State.WAITING] + states[State.HANDED] + max(unprepared, 0)
    left = timedelta(minutes=waiting / rate) if rate and waiting else None
    return Standing(audience, max(unprepared, 0), states, opened, answered, rate, left)


def _rate(campaign: Campaign) -> float:
    now = timezone.now()
    since = max(now - _RATE_OVER, campaign.created_at)
    recent = campaign.invitations.filter(sent_at__gt=since).count()
    minutes = max((now - since).total_seconds(), 5) / 60
    return recent / minutes


# ---- What a person decides -----------------------------------------------------------------------


def cancel(campaign: Campaign) -> int:
    """Send no further mail of this campaign; return how many people are spared."""
    with write():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        spared = locked.invitations.filter(state=State.WAITING).update(
            state=State.CANCELLED, reason=reasons.CANCELLED
        )
        spared += locked.audience_size - locked.invitations.count() if locked.is_preparing else 0
        Campaign.objects.filter(pk=campaign.pk).update(
            is_preparing=False,
            cancelled_at=timezone.now(),
            audience_size=locked.invitations.count(),
        )
    return spared


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
