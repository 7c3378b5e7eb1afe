"""Free-trial conversion: converted over started, of the same mature cohort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.adding import Summed
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


@dataclass(frozen=True, slots=True)
class Conversions(Summed):
    """Trials of a time in numbers, which add up over customers.

    Of the `mature` ones `paid` did in time, `kept` were not refunded, `late`
    paid afterwards; `paid_in` are payments of the time, whenever started.
    """

    started: int = 0
    mature: int = 0
    paid: int = 0
    kept: int = 0
    late: int = 0
    paid_in: int = 0
    has_own_time: bool = False


def conversions(
    eligible: Sequence[Trial],
    *,
    first: date,
    after: date,
    as_of: date,
    window_days: int = WINDOW_DAYS,
) -> Conversions:
    """Count the first trials of some customers that started in [first, after)."""
    started = [trial for trial in eligible if first <= trial.started < after]
    mature = [t for t in started if t.started + timedelta(days=_window(t, window_days)) <= as_of]
    waits = [(trial, days_to_pay(trial), _window(trial, window_days)) for trial in mature]
    paid = [trial for trial, days, most in waits if days is not None and days <= most]
    return Conversions(
        started=len(started),
        mature=len(mature),
        paid=len(paid),
        kept=sum(not trial.is_refunded for trial in paid),
        late=sum((days or 0) > most for _trial, days, most in waits),
        paid_in=_paid_in(eligible, first, after),
        has_own_time=any(trial.window_days is not None for trial in started),
    )


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
    found = conversions(
        first_trials(trials), first=first, after=after, as_of=as_of, window_days=window_days
    )
    return conversion_of(found, window_days=window_days, level=level)


def conversion_of(
    found: Conversions, *, window_days: int = WINDOW_DAYS, level: float = 0.95
) -> Result:
    """Return the conversion of trials already counted by `conversions`."""
    result = share(
        found.kept,
        found.mature,
        level=level,
        convention=_convention(window_days, has_own=found.has_own_time),
        reason="immature_cohort" if found.started else "no_population",
    )
    return replace(
        result,
        pending=found.started - found.mature,
        parts={
            "started": found.started,
            "mature": found.mature,
            "late": found.late,
            "rate_with_refunds": quotient(found.paid, found.mature),
            "same_period_ratio": quotient(found.paid_in, found.started),
        },
    )


def _convention(days: int, *, has_own: bool) -> str:
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
