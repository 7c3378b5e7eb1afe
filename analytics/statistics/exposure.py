"""How much of the money a subject touches: a ratio of totals over accounts.

Accounts pay very different amounts, so the share of money is no share of
accounts. It is the ratio of two totals over the same accounts, with the
interval of a ratio estimator: delta method, residuals m(z - R), Student's t
on n - 1 accounts (Cochran, Sampling Techniques, 6.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from math import sqrt

from analytics.statistics.guards import INDICATIVE_BELOW, PRIVATE_BELOW
from analytics.statistics.quantiles import t_for
from analytics.statistics.result import Interval, Result, null

METHOD = "ratio estimator, student t"
CONVENTION = "money of accounts that complain / money of accounts that answered"


def money_share(
    amounts: Sequence[Decimal], complains: Sequence[bool], *, level: float = 0.95
) -> Result:
    """Return the share (0..1) of the money of these accounts that complainers pay.

    One amount and one flag per account that answered. Null without accounts
    or money. Fewer than ten accounts, or fewer than five that complain, give
    the value without an interval: what they pay is known, what others would
    say is not.
    """
    total = sum(amounts, Decimal(0))
    n = len(amounts)
    if not n or total <= 0:
        return null("fraction", "no_population", n=n, convention=CONVENTION)
    touched = sum((m for m, z in zip(amounts, complains, strict=True) if z), Decimal(0))
    found = Result(
        value=float(touched / total),
        unit="fraction",
        n=n,
        numerator=touched,
        denominator=total,
        convention=CONVENTION,
        parts={"complaining": sum(complains)},
    )
    if n < INDICATIVE_BELOW or sum(complains) < PRIVATE_BELOW:
        return replace(found, status="low_n")
    return replace(found, interval=_interval(amounts, complains, found, level))


def _interval(
    amounts: Sequence[Decimal], complains: Sequence[bool], found: Result, level: float
) -> Interval:
    ratio, n = float(found.value or 0.0), found.n
    mean = float(found.denominator or 0) / n
    residuals = [
        float(m) * ((1.0 if z else 0.0) - ratio) for m, z in zip(amounts, complains, strict=True)
    ]
    spread = sqrt(sum(r * r for r in residuals) / (n - 1) / n) / mean
    half = t_for(level, n - 1) * spread
    return Interval(max(0.0, ratio - half), min(1.0, ratio + half), level, METHOD)


def exposed(share: Result, all_money: Decimal, currency: str) -> Result:
    """Return what all accounts together would have at stake, if those who answered stand for all.

    `share` is that of `money_share`, `all_money` what every account pays a
    month. An estimate: accounts that answer differ from those that do not.
    """
    convention = "share among accounts that answered x money of all accounts"
    if share.value is None or share.interval is None:
        reason = share.reason or "insufficient_data"
        return null("money", reason, n=share.n, convention=convention)
    low, high = (
        (Decimal(str(end)) * all_money).quantize(Decimal("0.01"))
        for end in (share.interval.low, share.interval.high)
    )
    return Result(
        value=(Decimal(str(share.value)) * all_money).quantize(Decimal("0.01")),
        unit="money",
        n=share.n,
        interval=Interval(low, high, share.interval.level, METHOD),
        convention=convention,
        currency=currency,
    )
