"""What is known of some thousand accounts on a day, read in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import cast

from analytics.care.rules import ANSWER_DAYS, Account, Standing
from analytics.success.conversations import open_alerts
from analytics.success.health import past_of
from analytics.success.metrics.health import Band
from analytics.success.metrics.health_definition import COMPONENTS
from analytics.success.models import HealthSnapshot
from analytics.success.overrides import overrides_at
from analytics.success.renewals_due import due_dates
from feedback.models import Response
from surveys.scales import scale_of

DETRACTOR_SCORES = scale_of("nps").band("detractor").scores


def accounts_on(day: date, customers: Sequence[int], *, now: datetime) -> dict[int, Account]:
    """Return customer -> what is known of it on `day` (today); seven queries.

    Health is the snapshot of that very day: an account without one has none.
    """
    health = {
        row.customer_id: row
        for row in HealthSnapshot.objects.filter(day=day, customer__any_of=customers)
    }
    before = past_of(health, day).month
    said = overrides_at(now, customers)
    due, talks, answers = (
        due_dates(day, only=customers),
        _talks(customers),
        _answers(customers, day),
    )
    return {
        customer: Account(
            now=_standing(health.get(customer)),
            month=_standing(before.get(customer)),
            shown=said[customer].band if customer in said else _band(health.get(customer)),
            by=said[customer].author if customer in said else "",
            due=due.get(customer),
            talks=tuple(talks.get(customer, ())),
            answers=tuple(answers.get(customer, ())),
        )
        for customer in customers
    }


def _band(row: HealthSnapshot | None) -> Band | None:
    return cast("Band | None", (row.band or None) if row else None)


def _standing(row: HealthSnapshot | None) -> Standing | None:
    if row is None:
        return None
    parts = {name: getattr(row, name) for name in COMPONENTS}
    return Standing(row.day, row.score, _band(row), row.definition_version, parts)


def _talks(customers: Iterable[int]) -> Mapping[int, list[int]]:
    """Return customer -> conversations with an alert nobody has looked at, the newest first."""
    rows = open_alerts().filter(customer__any_of=list(customers))
    return _grouped(rows.values_list("customer_id", "pk"))


def _answers(customers: Iterable[int], day: date) -> Mapping[int, list[int]]:
    """Return customer -> the NPS answers of its detractors in the last days, the newest first."""
    rows = Response.objects.filter(
        customer__any_of=list(customers),
        survey__kind="nps",
        standing=Response.Standing.COUNTED,
        score__in=DETRACTOR_SCORES,
        submitted_date__gt=day - timedelta(days=ANSWER_DAYS),
    ).order_by("-submitted_at", "-pk")
    return _grouped(rows.values_list("customer_id", "pk"))


def _grouped(pairs: Iterable[tuple[int, int]]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for customer, key in pairs:
        found[customer].append(key)
    return found
