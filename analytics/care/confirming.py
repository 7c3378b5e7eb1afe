"""Whether a warning came true, and what share of warnings was worth raising."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from analytics.care.models import WarningSign
from analytics.care.rules import KINDS
from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.success.models import SubscriptionState, Term
from outbox.days import local_date
from outbox.transactions import write

WITHIN = timedelta(days=90)
"""A customer who leaves or cancels this soon after a sign was raised confirms it."""
BACK = timedelta(days=365)
"""Precision is that of the signs that ended within this time."""
_LATE = timedelta(days=14)  # facts about a cancellation may come in after the 90 days
CONVENTION = "acted on, or the customer left or cancelled within 90 days, of all that ended"
_COUNTS = ("n", "worth", "acted", "confirmed", "dismissed", "passed", "pending")
_State, _Confirmed = WarningSign.State, WarningSign.Confirmed


@dataclass(frozen=True, slots=True)
class Lost:
    """The day on which a customer left or cancelled, and which of the two."""

    day: date
    by: str


# ---- Each sign -----------------------------------------------------------------------


def confirm(customers: Sequence[int], now: datetime) -> int:
    """Note on signs of the last 90 days that they came true; return on how many. Repeatable."""
    rows = list(
        WarningSign.objects.filter(
            customer__any_of=customers,
            confirmed_date__isnull=True,
            raised_at__gt=now - WITHIN - _LATE,
        )
    )
    lost = _lost({row.customer_id for row in rows}, now)
    told = [row for row in rows if _note(row, lost.get(row.customer_id, ()), now)]
    if told:
        with write():
            WarningSign.objects.bulk_update(
                told, ["confirmed_date", "confirmed_by", "state", "ended_at"]
            )
    return len(told)


def _note(row: WarningSign, lost: Iterable[Lost], now: datetime) -> bool:
    """Fill in what confirms a sign; an open sign of a customer who left has nothing to warn of."""
    raised = local_date(row.raised_at)
    after = [one for one in lost if raised <= one.day <= raised + WITHIN]
    first = min(after, key=lambda one: one.day, default=None)
    if first is None:
        return False
    row.confirmed_date, row.confirmed_by = first.day, first.by
    if row.is_open and first.by == _Confirmed.LEFT:
        row.state, row.ended_at = _State.PASSED, now
    return True


def _lost(customers: set[int], now: datetime) -> Mapping[int, list[Lost]]:
    """Return customer -> when a term was cancelled, and when they stopped paying for good."""
    found: dict[int, list[Lost]] = {}
    if not customers:
        return found
    since = now - WITHIN - _LATE
    terms = Term.objects.filter(
        customer__any_of=list(customers),
        cancelled_date__gte=local_date(since),
        cancelled_date__lte=local_date(now),
    )
    for customer, day in terms.values_list("customer_id", "cancelled_date"):
        if day is not None:
            found.setdefault(customer, []).append(Lost(day, _Confirmed.CANCELLED))
    paid = SubscriptionState.objects.filter(customer__any_of=list(customers), monthly__gt=0)
    pays = Count("pk", filter=Q(at__lte=now) & (Q(until__isnull=True) | Q(until__gt=now)))
    left = paid.values("customer_id").annotate(pays=pays, last=Max("until")).filter(pays=0)
    for row in left.order_by():
        if row["last"] is not None and since <= row["last"] <= now:
            found.setdefault(row["customer_id"], []).append(
                Lost(local_date(row["last"]), _Confirmed.LEFT)
            )
    return found


# ---- All of them -----------------------------------------------------------------------


def precision(now: datetime | None = None) -> dict[str, Result]:
    """Return the share of ended signs that were worth raising: of all ("") and of each kind.

    Wilson's interval. `pending` are signs nobody acted on whose 90 days still run: they
    count as not confirmed so far, which makes the figure provisional. `parts` holds how many
    were acted on, came true, were dismissed, and were over by themselves.
    """
    at = now or timezone.now()
    worth = Q(state=_State.ACTED) | Q(confirmed_date__isnull=False)
    rows = (
        WarningSign.objects.filter(ended_at__gte=at - BACK, ended_at__lte=at)
        .order_by()
        .values("kind")
        .annotate(
            n=Count("pk"),
            worth=Count("pk", filter=worth),
            acted=Count("pk", filter=Q(state=_State.ACTED)),
            confirmed=Count("pk", filter=Q(confirmed_date__isnull=False)),
            dismissed=Count("pk", filter=Q(state=_State.DISMISSED)),
            passed=Count("pk", filter=Q(state=_State.PASSED)),
            pending=Count("pk", filter=~worth & Q(raised_at__gt=at - WITHIN)),
        )
    )
    by_kind: dict[str, dict[str, Any]] = {row["kind"]: dict(row) for row in rows}
    whole = {name: sum(counts[name] for counts in by_kind.values()) for name in _COUNTS}
    return {"": _figure(whole), **{kind: _figure(by_kind.get(kind, {})) for kind in KINDS}}


def _figure(counts: Mapping[str, int]) -> Result:
    found = share(
        counts.get("worth", 0), counts.get("n", 0), convention=CONVENTION, reason="no_population"
    )
    pending = counts.get("pending", 0)
    parts = {name: counts.get(name, 0) for name in ("acted", "confirmed", "dismissed", "passed")}
    is_open = found.value is not None and pending
    return replace(
        found, status="provisional" if is_open else found.status, pending=pending, parts=parts
    )
