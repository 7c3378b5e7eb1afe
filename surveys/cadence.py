"""May this person be asked now? Pure: facts and a moment in, a refusal, a wait or nothing out.

Asked again at the moment of sending, because minutes or weeks lie between an
invitation and its turn. Rests run from the last mail that may have reached
the person; a rest that ends in time is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Refusal(StrEnum):
    """Why somebody is not written to; the codes of surveys.reasons."""

    CLOSED = "closed"
    CANCELLED = "cancelled"
    NO_ADDRESS = "no_address"
    ANSWERED = "answered"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    INTERNAL = "internal"
    DEMO = "demo"
    REST = "rest"  # of this survey
    REST_ANY = "rest_any"  # between mails of any two surveys
    CUSTOMER = "customer"  # enough people of the same customer were asked
    EARLY = "early"  # its planned time lies ahead
    MORNING = "morning"  # the campaign writes on weekday mornings only


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now, but from `until` on."""

    reason: Refusal
    until: datetime


@dataclass(frozen=True, slots=True)
class AskFacts:
    """What decides whether one person may be asked by one survey.

    `asked_at` is when this survey last wrote to the person, None for never;
    `rest_days` is the survey's rest between asks, 0 for none. `asked_any_at`
    and `rest_any_days` say the same of all surveys together. `customer_free_at`
    is when another person of the same customer may be asked, None for now.
    A rest that ends after `give_up_at` is a refusal; None: every rest is.
    """

    is_live: bool
    is_suppressed: bool
    asked_at: datetime | None
    rest_days: int
    closes_at: datetime | None = None
    has_address: bool = True
    has_answered: bool = False
    expires_at: datetime | None = None
    is_cancelled: bool = False
    is_internal: bool = False
    is_made_up: bool = False
    asked_any_at: datetime | None = None
    rest_any_days: int = 0
    customer_free_at: datetime | None = None
    give_up_at: datetime | None = None


def refusal(facts: AskFacts, *, now: datetime) -> Refusal | None:
    """Return why the person may not be asked, neither at `now` nor in time; None when they may."""
    checks = (
        (not facts.is_live or _is_past(facts.closes_at, now), Refusal.CLOSED),
        (facts.is_cancelled, Refusal.CANCELLED),
        (not facts.has_address, Refusal.NO_ADDRESS),
        (facts.has_answered, Refusal.ANSWERED),
        (_is_past(facts.expires_at, now), Refusal.EXPIRED),
        (facts.is_suppressed, Refusal.SUPPRESSED),
        (facts.is_internal, Refusal.INTERNAL),
        (facts.is_made_up, Refusal.DEMO),
    )
    for holds, reason in checks:
        if holds:
            return reason
    rest = wait(facts, now=now)
    if rest and (facts.give_up_at is None or rest.until > facts.give_up_at):
        return rest.reason
    return None


def wait(facts: AskFacts, *, now: datetime) -> Wait | None:
    """Return the rest that ends last, None when none is running at `now`."""
    ends = (
        (_rest_end(facts.asked_at, facts.rest_days), Refusal.REST),
        (_rest_end(facts.asked_any_at, facts.rest_any_days), Refusal.REST_ANY),
        (facts.customer_free_at, Refusal.CUSTOMER),
    )
    running = [Wait(reason, until) for until, reason in ends if until and now < until]
    return max(running, key=lambda rest: rest.until, default=None)


def is_resting(asked_at: datetime | None, rest_days: int, *, now: datetime) -> bool:
    """Tell whether the rest since the last ask is not over; it is over to the second."""
    end = _rest_end(asked_at, rest_days)
    return end is not None and now < end


def customer_free_at(asked: Iterable[datetime], *, most: int, days: int) -> datetime | None:
    """Return when a customer's cap lets one more person be asked; None without a cap or under it.

    `asked` holds the last ask of each *other* person of that customer.
    """
    if not most:
        return None
    latest: Sequence[datetime] = sorted(asked, reverse=True)
    return latest[most - 1] + timedelta(days=days) if len(latest) >= most else None


def _rest_end(asked_at: datetime | None, rest_days: int) -> datetime | None:
    return None if asked_at is None or not rest_days else asked_at + timedelta(days=rest_days)


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
