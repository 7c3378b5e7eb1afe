"""Warning signs: which figures and accounts need a person now.

Each sign is a code; the page turns it into words, with the rows as evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from analytics.statistics.change import Change
from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.targets import TargetState
from analytics.statistics.trends import Alarm
from analytics.success.metrics.health import BANDS, Band, has_fallen

MetricSign = Literal["level", "change", "drift"]
AccountSign = Literal["band_fell", "score_fell", "red_before_renewal"]
RENEWAL_DAYS = 60
COOL_DOWN_DAYS = 7


def metric_signs(
    *,
    target: TargetState | None = None,
    change: Change | None = None,
    drifts: Sequence[Alarm] = (),
    is_higher_better: bool = True,
) -> list[MetricSign]:
    """Return what is wrong with a metric; only moves for the worse are signs.

    Level: the whole interval is past its threshold. Change: a real step for
    the worse. Drift: a trend chart signalled towards the worse.
    """
    worse = -1 if is_higher_better else 1
    drift = "down" if is_higher_better else "up"
    signs: dict[MetricSign, bool] = {
        "level": target is not None and target.state == "missed",
        "change": change is not None and change.direction == worse,
        "drift": any(alarm.direction == drift for alarm in drifts),
    }
    return [sign for sign, is_raised in signs.items() if is_raised]


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account now and 30 days ago; None where there is no score."""

    band: Band | None
    score: float | None
    band_before: Band | None = None
    score_before: float | None = None
    renewal_due: date | None = None


def account_signs(account: AccountHealth, *, today: date) -> list[AccountSign]:
    """Return why an account needs somebody: it fell, or it is red before a renewal."""
    due = account.renewal_due
    signs: dict[AccountSign, bool] = {
        "band_fell": _is_lower(account.band, account.band_before),
        "score_fell": account.score is not None
        and account.score_before is not None
        and has_fallen(account.score, account.score_before),
        "red_before_renewal": account.band == "red"
        and due is not None
        and today <= due <= today + timedelta(days=RENEWAL_DAYS),
    }
    return [sign for sign, is_raised in signs.items() if is_raised]


def _is_lower(now: Band | None, before: Band | None) -> bool:
    return now is not None and before is not None and BANDS.index(now) < BANDS.index(before)


def is_cooling_down(
    raised_at: datetime | None, now: datetime, *, days: int = COOL_DOWN_DAYS
) -> bool:
    """Say whether the same alert was raised too recently to be raised again."""
    return raised_at is not None and now < raised_at + timedelta(days=days)


def alert_precision(acted_or_confirmed: int, closed: int) -> Result:
    """Return the share of closed alerts that somebody acted on or that came true."""
    return share(
        acted_or_confirmed,
        closed,
        convention="acted on or later confirmed, of the closed alerts",
        reason="no_population",
    )
