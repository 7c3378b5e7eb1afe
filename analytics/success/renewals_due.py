"""When accounts decide again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from analytics.success.models import Term


def due_dates(today: date, *, only: Collection[int] | None = None) -> dict[int, date]:
    """Return customer -> the next day a term ends that is neither renewed nor cancelled."""
    rows = Term.objects.filter(
        due_date__gte=today, renewed_date__isnull=True, cancelled_date__isnull=True
    )
    if only is not None:
        rows = rows.filter(customer__any_of=list(only))
    found: dict[int, date] = {}
    for customer, day in rows.order_by("-due_date").values_list("customer_id", "due_date"):
        found[customer] = day
    return found
