"""How far invitations came: each step of the funnel as one test on an invitation."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.periods import Period
from analytics.scores.slices import Slice, invited_q
from feedback.models import LinkOpen, Response
from outbox.days import day_bounds
from surveys.models import Invitation, Survey

_STATE = Invitation.State
_ANSWERED = Q(response__standing=Response.Standing.COUNTED)
BOUNCED = Q(state=_STATE.BOUNCED)
DOUBTFUL = Q(state=_STATE.DOUBTFUL)
REACHED = {
    "sent": Q(),
    "delivered": ~BOUNCED & ~DOUBTFUL,
    "opened": Q(was_opened=True) | _ANSWERED,
    "answered": _ANSWERED,
    "commented": _ANSWERED & ~Q(response__comment=""),
}
"""Tests of the steps, in order; they need `with_opens`. Opens are a lower bound."""


def with_opens(invitations: QuerySet[Any]) -> QuerySet[Any]:
    """Add `was_opened`: somebody or something fetched the link."""
    opens = LinkOpen.objects.filter(invitation=OuterRef("pk"))
    return invitations.annotate(was_opened=Exists(opens))


def invited(survey: Survey, period: Period, part: Slice) -> QuerySet[Invitation]:
    """Return the invitations of a slice sent in the period, with `was_opened`."""
    start, _ = day_bounds(period.start)
    stop, _ = day_bounds(period.stop)
    sent = Invitation.objects.filter(
        invited_q(part), survey=survey, sent_at__gte=start, sent_at__lt=stop
    )
    return with_opens(sent)
