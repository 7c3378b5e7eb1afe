"""Customer referral rate: customers who really named somebody, of all customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from analytics.statistics.result import Result
from analytics.statistics.shares import share
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

    `parts` holds the other public definitions: converts per customer, their
    share of new customers, and converts per valid referral. Days outside
    [first, after) do not count, but an earlier referral of a person does win.
    """
    valid = [
        referral
        for referral in valid_referrals(referrals)
        if (first is None or first <= referral.day) and (after is None or referral.day < after)
    ]
    referrers = {referral.referrer for referral in valid}
    converts = sum(referral.is_converted for referral in valid)
    # a referrer who has left since would make the share exceed its base
    result = share(
        min(len(referrers), customers),
        customers,
        level=level,
        convention=CONVENTION,
        reason="no_population",
    )
    return replace(
        result,
        parts={
            "valid": len(valid),
            "referrers": len(referrers),
            "converts": converts,
            "converts_per_customer": quotient(converts, customers),
            "share_of_new": quotient(converts, new_customers),
            "conversion": quotient(converts, len(valid)),
        },
    )
