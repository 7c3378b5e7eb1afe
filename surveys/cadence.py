"""May this person be asked now? Pure: facts and a moment in, a refusal or nothing out.

Asked again at the moment of sending, because minutes or weeks lie between an
invitation and its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Refusal(StrEnum):
    """Why somebody is not written to; the codes of surveys.reasons."""

    CLOSED = "closed"
    NO_ADDRESS = "no_address"
    ANSWERED = "answered"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    INTERNAL = "internal"
    DEMO = "demo"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class AskFacts:
    """What decides whether one person may be asked by one survey.

    `asked_at` is when this survey last wrote to the person, None for never.
    `rest_days` is the survey's rest between asks, 0 for none.
    """

    is_live: bool
    is_suppressed: bool
    asked_at: datetime | None
    rest_days: int
    closes_at: datetime | None = None
    has_address: bool = True
    has_answered: bool = False
    expires_at: datetime | None = None
    is_internal: bool = False
    is_made_up: bool = False


def refusal(facts: AskFacts, *, now: datetime) -> Refusal | None:
    """Return why the person may not be asked at `now`, None when they may."""
    checks = (
        (not facts.is_live or _is_past(facts.closes_at, now), Refusal.CLOSED),
        (not facts.has_address, Refusal.NO_ADDRESS),
        (facts.has_answered, Refusal.ANSWERED),
        (_is_past(facts.expires_at, now), Refusal.EXPIRED),
        (facts.is_suppressed, Refusal.SUPPRESSED),
        (facts.is_internal, Refusal.INTERNAL),
        (facts.is_made_up, Refusal.DEMO),
        (is_resting(facts.asked_at, facts.rest_days, now=now), Refusal.REST),
    )
    return next((reason for holds, reason in checks if holds), None)


def is_resting(asked_at: datetime | None, rest_days: int, *, now: datetime) -> bool:
    """Tell whether the rest since the last ask is not over; it is over to the second."""
    return asked_at is not None and now < asked_at + timedelta(days=rest_days)


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
