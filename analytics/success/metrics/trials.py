"""Free-trial conversion: converted over started, of the same mature cohort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.churn import quotient
from analytics.success.metrics.facts import Id, Trial

WINDOW_DAYS = 30
GRACE_DAYS = 14
"""How many days after its end a trial may still convert."""


def first_trials(trials: Iterable[Trial]) -> list[Trial]:
    """Return each customer's first trial, without internal ones, oldest first."""
    found: dict[Id, Trial] = {}
    for trial in sorted(trials, key=lambda trial: (trial.started, str(trial.id))):
        if not trial.is_internal:
            found.setdefault(trial.customer, trial)
    return list(found.values())


def days_to_pay(trial: Trial) -> int | None:
    """Return the days from start to the first payment above zero; None without one."""
    if trial.first_paid is None or trial.amount <= 0 or trial.first_paid < trial.started:
        return None
    return (trial.first_paid - trial.started).days


def _window(trial: Trial, days: int) -> int:
    return days if trial.window_days is None else trial.window_days


def trial_conversion(
    trials: Iterable[Trial],
    *,
    first: date,
    after: date,
    as_of: date,
    window_days: int = WINDOW_DAYS,
    level: float = 0.95,
) -> Result:
    """Return the share of trials started in [first, after) that paid within the window.

    Only trials whose window has closed by `as_of` count, early deciders among
    the young included: they wait as `pending`. A refunded payment is none;
    `parts` has the rate with refunds and the simple same-period ratio.
    """
    eligible = first_trials(trials)
    started = [trial for trial in eligible if first <= trial.started < after]
    mature = [t for t in started if t.started + timedelta(days=_window(t, window_days)) <= as_of]
    waits = [(trial, days_to_pay(trial), _window(trial, window_days)) for trial in mature]
    paid = [trial for trial, days, most in waits if days is not None and days <= most]
    result = share(
        sum(not trial.is_refunded for trial in paid),
        len(mature),
        level=level,
        convention=_convention(started, window_days),
        reason="immature_cohort" if started else "no_population",
    )
    return replace(
        result,
        pending=len(started) - len(mature),
        parts={
            "started": len(started),
            "mature": len(mature),
            "late": sum((days or 0) > most for _trial, days, most in waits),
            "rate_with_refunds": quotient(len(paid), len(mature)),
            "same_period_ratio": quotient(_paid_in(eligible, first, after), len(started)),
        },
    )


def _convention(started: list[Trial], days: int) -> str:
    has_own = any(trial.window_days is not None for trial in started)
    words = f"the trial's length and {GRACE_DAYS} days, else {days}" if has_own else str(days)
    return f"first payment within {words} days of the start, not refunded"


def _paid_in(trials: Iterable[Trial], first: date, after: date) -> int:
    """Count payments in the period, whichever period their trial began in."""
    return sum(
        days_to_pay(trial) is not None and first <= trial.first_paid < after  # type: ignore[operator]
        for trial in trials
    )


def conversion_curve(trials: Iterable[Trial], *, days: int = 60) -> list[float]:
    """Return the share converted by each day 0..`days` since the start, refunds out.

    Pass mature trials only: the young would bend the curve downwards.
    """
    cohort = first_trials(trials)
    waits = [days_to_pay(trial) for trial in cohort if not trial.is_refunded]
    known = [wait for wait in waits if wait is not None]
    return (
        [sum(wait <= day for wait in known) / len(cohort) for day in range(days + 1)]
        if cohort
        else []
    )
