"""Where each person of a campaign is: every one in exactly one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.db.models import Value as V
from django.utils import timezone

from outbox.models import Job
from surveys import reasons
from surveys.models import Campaign, Invitation
from surveys.services import DELIVER

State = Invitation.State


class Place(StrEnum):
    """Where one person is. A state says how the mail ended; a place also what became of it."""

    ANSWERED = "answered"
    OPENED = "opened"
    SENT = "sent"
    HANDED = "handed"
    CLAIMED = "claimed"
    WAITING = "waiting"
    LATER = "later"
    DOUBTFUL = "doubtful"
    FAILED = "failed"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


def placed(invitations: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate `place`, one of Place."""
    now = timezone.now()
    claimed = Job.objects.filter(kind=DELIVER, state__in=[Job.State.CLAIMED, Job.State.HANDED])
    suppressed = Q(state=State.SKIPPED, reason__in=reasons.SUPPRESSED)
    waiting = Q(state=State.WAITING)
    return invitations.annotate(
        place=Case(
            When(answered_at__isnull=False, then=V(Place.ANSWERED.value)),
            When(state=State.SENT, opened_at__isnull=False, then=V(Place.OPENED.value)),
            When(suppressed, then=V(Place.SUPPRESSED.value)),
            When(waiting & Q(pk__in=claimed.values("subject_id")), then=V(Place.CLAIMED.value)),
            When(waiting & Q(send_at__gt=now), then=V(Place.LATER.value)),
            default=F("state"),
            output_field=CharField(),
        )
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people are in each state, and how quickly mail leaves.

    `states` + `unprepared` add up to `audience`, and so do `places` +
    `unprepared`. `rate`: mails a minute over the last minutes; `left`: until
    nobody waits whose time has come, at that rate.
    """

    audience: int
    unprepared: int
    states: dict[str, int]
    opened: int
    answered: int
    rate: float
    left: timedelta | None
    places: dict[str, int] = field(default_factory=dict)

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

    @property
    def later(self) -> int:
        """People whose mail has its time still ahead."""
        return self.places.get(Place.LATER, 0)

    @property
    def due(self) -> int:
        return self.underway - self.later


_RATE_OVER = timedelta(minutes=2)


def standing(campaign: Campaign) -> Standing:
    """Count a campaign in one query over its index, and its rate in another."""
    rows = placed(campaign.invitations.order_by()).values_list("place", "state")
    counted = rows.annotate(Count("pk"), Count("opened_at"), Count("answered_at"))
    states = dict.fromkeys(State.values, 0)
    places = dict.fromkeys((place.value for place in Place), 0)
    opened = answered = 0
    for place, state, count, opens, answers in counted:
        states[state] += count
        places[place] = places.get(place, 0) + count
        opened, answered = opened + opens, answered + answers
    audience = campaign.audience_size
    unprepared = audience - sum(states.values()) if campaign.is_preparing else 0
    rate = _rate(campaign)
    waiting = states[State.WAITING] + states[State.HANDED] - places[Place.LATER]
    waiting += max(unprepared, 0)
    left = timedelta(minutes=waiting / rate) if rate and waiting else None
    return Standing(audience, max(unprepared, 0), states, opened, answered, rate, left, places)


def _rate(campaign: Campaign) -> float:
    now = timezone.now()
    since = max(now - _RATE_OVER, campaign.created_at)
    recent = campaign.invitations.filter(sent_at__gt=since).count()
    minutes = max((now - since).total_seconds(), 5) / 60
    return recent / minutes
