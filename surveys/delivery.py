"""Claim, re-check, render, hand over, record: each person gets at most one mail."""

from __future__ import annotations

from collections.abc import Sequence

from outbox.registry import Setback, Work
from surveys.models import Invitation


def deliver_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    raise NotImplementedError


def mark_doubtful(invitation_ids: Sequence[int]) -> None:
    """A crash fell between handing over and recording: show it, never repeat it."""
    Invitation.objects.filter(pk__in=invitation_ids, state=Invitation.State.HANDED).update(
        state=Invitation.State.DOUBTFUL
    )
