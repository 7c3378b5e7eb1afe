"""How many of the asked answered, by AAPOR's names, and what silence could hide."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.statistics.result import Interval, Result
from analytics.statistics.shares import share


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Final outcomes of the invitations of one survey; every invitation is in one.

    `complete` answered the score question and finished, `partial` answered
    without finishing, `refusal` unsubscribed or declined, `noncontact`
    delivered without reaction, `other`, and `unknown` eligibility (bounced).
    """

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    noncontact: int = 0
    other: int = 0
    unknown: int = 0

    @property
    def eligible(self) -> int:
        known = self.complete + self.partial + self.refusal
        return known + self.noncontact + self.other

    @property
    def asked(self) -> int:
        return self.eligible + self.unknown


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """AAPOR response rates as fractions with Wilson intervals.

    RR1 for the record: complete of all asked. RR2 adds partial answers. RR5
    and RR6 are the same "of delivered": unknown eligibility is left out.
    """

    rr1: Result
    rr2: Result
    rr5: Result
    rr6: Result


def response_rates(outcomes: Outcomes, *, level: float = 0.95) -> ResponseRates:
    """Return the four rates; nothing sent is null, none answered is 0."""

    def rate(name: str, count: int, base: int) -> Result:
        return share(count, base, level=level, convention=f"AAPOR {name}", reason="no_population")

    answered = outcomes.complete + outcomes.partial
    return ResponseRates(
        rr1=rate("RR1", outcomes.complete, outcomes.asked),
        rr2=rate("RR2", answered, outcomes.asked),
        rr5=rate("RR5", outcomes.complete, outcomes.eligible),
        rr6=rate("RR6", answered, outcomes.eligible),
    )


def worst_case(
    score: float, response_rate: float, *, scale: tuple[float, float] = (-100.0, 100.0)
) -> Interval:
    """Return what the score of all asked could be if every silent one answered alike.

    Bounds to stop over-claiming, not an estimate: +40 at a response rate of
    0.25 leaves -65..+85. `scale` is (-100, 100) for points, (0, 1) for shares.
    """
    if not 0 <= response_rate <= 1:
        raise ValueError(f"{response_rate!r} is not a response rate between 0 and 1")
    low, high = scale
    heard, silent = response_rate * score, 1 - response_rate
    return Interval(heard + silent * low, heard + silent * high, 1.0, "worst case")
