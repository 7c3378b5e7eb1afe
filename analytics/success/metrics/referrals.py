"""Customer referral rate: customers who really named somebody, of all customers."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.spread import distinct
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Id, Referral

CONVENTION = "customers with a valid referral in the period, of the customers active in it"


def valid_referrals(referrals: Iterable[Referral]) -> list[Referral]:
    """Return those that count, oldest first.

    Out: by somebody who is no customer, of oneself, of an existing customer,
    and all but the first valid one of the same person.
    """
    seen: set[Id] = set()
    valid = []
    for referral in sorted(referrals, key=lambda referral: (referral.day, str(referral.id))):
        is_self = referral.referrer == referral.referred
        if not referral.is_by_customer or is_self or referral.is_customer_already:
            continue
        if referral.referred not in seen:
            seen.add(referral.referred)
            valid.append(referral)
    return valid


@dataclass(frozen=True, slots=True)
class Referred(Summed):
    """Valid referrals of a period; `referrers` holds who made each, by number.

    Parts add up where none of them shares a referred person with another.
    """

    valid: int = 0
    converts: int = 0
    referrers: array[int] = field(default_factory=lambda: array("q"))


def referred(
    valid: Iterable[Referral],
    *,
    first: date | None = None,
    after: date | None = None,
    number: Callable[[Id], int] = int,
) -> Referred:
    """Add up those of the valid referrals that were made on the days [first, after)."""
    inside = [
        referral
        for referral in valid
        if (first is None or first <= referral.day) and (after is None or referral.day < after)
    ]
    converts = sum(referral.is_converted for referral in inside)
    return Referred(len(inside), converts, array("q", (number(r.referrer) for r in inside)))


def referral_rate(
    referrals: Iterable[Referral],
    *,
    customers: int,
    new_customers: int,
    first: date | None = None,
    after: date | None = None,
    level: float = 0.95,
) -> Result:
    """Return distinct referring customers over `customers`; no referral is a true 0.

    Days outside [first, after) do not count, but an earlier referral of a
    person does win.
    """
    numbers: dict[Id, int] = {}
    found = referred(
        valid_referrals(referrals),
        first=first,
        after=after,
        number=lambda who: numbers.setdefault(who, len(numbers)),
    )
    return referral_of(found, customers=customers, new_customers=new_customers, level=level)


def referral_of(
    found: Referred, *, customers: int, new_customers: int, level: float = 0.95
) -> Result:
    """Return the same of referrals that are added up.

    `parts` holds the other public definitions: converts per customer, their
    share of new customers, and converts per valid referral.
    """
    referrers = distinct(found.referrers)
    # a referrer who has left since would make the share exceed its base
    result = share(
        min(referrers, customers),
        customers,
        level=level,
        convention=CONVENTION,
        reason="no_population",
    )
    return replace(
        result,
        parts={
            "valid": found.valid,
            "referrers": referrers,
            "converts": found.converts,
            "converts_per_customer": quotient(found.converts, customers),
            "share_of_new": quotient(found.converts, new_customers),
            "conversion": quotient(found.converts, found.valid),
        },
    )
