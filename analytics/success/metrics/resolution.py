"""First contact resolution: solved at the first try, and it stayed solved.

A thread is one customer's issue: tickets chained while the next one opens
within the window after the last solution.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.metrics.adding import Summed
from analytics.success.metrics.facts import Id, Ticket
from analytics.success.metrics.periods import Period

Failure = Literal["", "repeat", "reopened", "escalated", "slow_mail"]
_NEVER = frozenset({"spam", "merged", "outbound"})
_WRITTEN = frozenset({"mail", "email", "web"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as a contact and as resolved; printed with the figure.

    `mail_seconds` turns on the mail rule: written contacts must be solved
    within so many business seconds (HDI: one hour).
    """

    window_days: int = 7
    abandoned_counts: bool = False
    escalation_ok: bool = False
    other_departments_count: bool = True
    mail_seconds: float | None = None

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.window_days)


@dataclass(frozen=True, slots=True)
class Thread:
    """The tickets of one issue, oldest first."""

    tickets: tuple[Ticket, ...]

    @property
    def first_solved(self) -> datetime | None:
        return min((t.solved for t in self.tickets if t.solved is not None), default=None)

    def failure(self, policy: Policy) -> Failure:
        """Return why this was no first contact resolution, or ""."""
        if len(self.tickets) > 1 or sum(t.inbound_contacts for t in self.tickets) != 1:
            return "repeat"
        [ticket] = self.tickets
        if ticket.reopened:
            return "reopened"
        if ticket.is_escalated and not policy.escalation_ok:
            return "escalated"
        return "slow_mail" if _is_slow_mail(ticket, policy) else ""


def _is_slow_mail(ticket: Ticket, policy: Policy) -> bool:
    if policy.mail_seconds is None or ticket.channel not in _WRITTEN:
        return False
    return ticket.business_seconds is None or ticket.business_seconds > policy.mail_seconds


Solved = tuple[Thread, datetime]


def threads(tickets: Iterable[Ticket], policy: Policy) -> list[Thread]:
    """Chain tickets into threads; spam, merged and company-initiated ones are out."""
    by_issue: dict[tuple[Id, str], list[Ticket]] = {}
    for ticket in tickets:
        if _counts(ticket, policy):
            by_issue.setdefault((ticket.customer, ticket.issue), []).append(ticket)
    return [thread for listed in by_issue.values() for thread in _chained(listed, policy)]


def _counts(ticket: Ticket, policy: Policy) -> bool:
    if ticket.flag in _NEVER or (ticket.flag == "abandoned" and not policy.abandoned_counts):
        return False
    return policy.other_departments_count or not ticket.is_other_department


def _chained(tickets: list[Ticket], policy: Policy) -> list[Thread]:
    chains: list[list[Ticket]] = []
    for ticket in sorted(tickets, key=lambda ticket: (ticket.opened, str(ticket.id))):
        if chains and _follows(ticket, chains[-1], policy):
            chains[-1].append(ticket)
        else:
            chains.append([ticket])
    return [Thread(tuple(chain)) for chain in chains]


def _follows(ticket: Ticket, chain: list[Ticket], policy: Policy) -> bool:
    if any(t.solved is None and t.flag != "abandoned" for t in chain):
        return True
    solutions = [t.solved for t in chain if t.solved is not None]
    # a call given up has no solution: the next try within the window belongs to it
    last = max(solutions, default=chain[-1].opened)
    return ticket.opened <= last + policy.window


@dataclass(frozen=True, slots=True)
class Resolved(Summed):
    """Threads first solved in a period: `good` at the first contact, `failures` by their reason.

    Of those still `pending` somebody may come back. Parts add up where none of
    them shares an issue of a customer with another.
    """

    good: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    pending: int = 0

    @property
    def mature(self) -> int:
        return self.good + self.failures.total()


def first_contact_resolution(
    tickets: Iterable[Ticket],
    period: Period,
    *,
    as_of: datetime,
    policy: Policy | None = None,
    level: float = 0.95,
) -> Result:
    """Return the share of threads first solved in the period that one contact solved.

    Only threads whose window after the solution has passed by `as_of` count;
    the others are `pending`. `parts["failures"]` counts the reasons.
    """
    policy = policy or Policy()
    solved = solved_threads(tickets, as_of=as_of, policy=policy)
    found = resolved(solved, period, as_of=as_of, policy=policy)
    return resolution_of(found, policy=policy, level=level)


def resolved(
    solved: Iterable[Solved], period: Period, *, as_of: datetime, policy: Policy
) -> Resolved:
    """Count the threads first solved in the period by what became of them."""
    inside = [(thread, at) for thread, at in solved if period.start <= at < period.stop]
    mature = [thread for thread, at in inside if _is_mature(at, as_of, policy)]
    failures = Counter[str](thread.failure(policy) for thread in mature)
    return Resolved(failures.pop("", 0), failures, len(inside) - len(mature))


def resolution_of(found: Resolved, *, policy: Policy, level: float = 0.95) -> Result:
    """Return the share of what was counted under the policy."""
    result = share(
        found.good,
        found.mature,
        level=level,
        convention=_convention(policy),
        reason="immature_cohort" if found.pending else "no_population",
    )
    return replace(result, pending=found.pending, parts={"failures": dict(found.failures)})


def solved_at_first(
    tickets: Iterable[Ticket], period: Period, *, as_of: datetime, policy: Policy, least: int
) -> dict[Id, float]:
    """Return the same share by customer (0..1), of those with at least so many mature threads."""
    marks: dict[Id, list[bool]] = {}
    for thread, at in solved_threads(tickets, as_of=as_of, policy=policy):
        if period.start <= at < period.stop and _is_mature(at, as_of, policy):
            marks.setdefault(thread.tickets[0].customer, []).append(not thread.failure(policy))
    return {who: sum(good) / len(good) for who, good in marks.items() if len(good) >= least}


def solved_threads(tickets: Iterable[Ticket], *, as_of: datetime, policy: Policy) -> list[Solved]:
    """Return the threads that were solved, as known by then, each with the first such instant."""
    known = [_as_known(ticket, as_of) for ticket in tickets if ticket.opened <= as_of]
    return [
        (thread, at) for thread in threads(known, policy) if (at := thread.first_solved) is not None
    ]


def _is_mature(solved: datetime, as_of: datetime, policy: Policy) -> bool:
    """Return whether the time in which somebody may come back is over."""
    return solved + policy.window <= as_of


def _as_known(ticket: Ticket, as_of: datetime) -> Ticket:
    """Forget a solution that had not happened yet."""
    is_later = ticket.solved is not None and ticket.solved > as_of
    return replace(ticket, solved=None) if is_later else ticket


def _convention(policy: Policy) -> str:
    said = [f"one contact, no reopening, no follow-up within {policy.window_days} days"]
    said.append("escalation allowed" if policy.escalation_ok else "no escalation")
    said += ["an abandoned call is a contact"] if policy.abandoned_counts else []
    said += ["written ones within the business hour limit"] if policy.mail_seconds else []
    return ", ".join(said)
