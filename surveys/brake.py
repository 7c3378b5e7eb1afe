"""When must sending stop by itself? Pure: counts in, a cause out.

Mailbox providers block senders whose mails come back or are called spam:
Gmail and Yahoo from 0.3 % complaints, most others from some per cent of dead
addresses. A stop costs a click, a block costs weeks, so the limits are tight;
the smallest counts keep one bad address of a short list from stopping it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """What became of the mails since sending began or was last resumed."""

    mailed: int
    returned: int
    complained: int


@dataclass(frozen=True, slots=True)
class Limit:
    """Exceeded from `least` on, when they are more than `share` (0..1) of the mails."""

    least: int
    share: float

    def is_exceeded(self, bad: int, *, of: int) -> bool:
        return bad >= self.least and bad > self.share * of


@dataclass(frozen=True, slots=True)
class Limits:
    bounces: Limit
    complaints: Limit


ONE_CAMPAIGN = Limits(bounces=Limit(10, 0.05), complaints=Limit(3, 0.003))
EVERYTHING = Limits(bounces=Limit(25, 0.05), complaints=Limit(5, 0.003))


def cause(record: Record, limits: Limits) -> str:
    """Return "bounces", "complaints" or "" when sending may go on."""
    if limits.complaints.is_exceeded(record.complained, of=record.mailed):
        return "complaints"
    if limits.bounces.is_exceeded(record.returned, of=record.mailed):
        return "bounces"
    return ""
