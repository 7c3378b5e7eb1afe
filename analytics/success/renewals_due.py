"""When accounts decide again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from analytics.success.models import Term


def due_dates(today: date, *, only: Collection[int] | None = None) -> dict[int, date]:
    """Return customer -> the next day a term ends, of those neither renewed nor cancelled by then.

    Of a past day as it stood: what was renewed afterwards was not yet.
    """
    rows = Term.objects.filter(
        Q(renewed_date__isnull=True) | Q(renewed_date__gt=today),
        Q(cancelled_date__isnull=True) | Q(cancelled_date__gt=today),
        due_date__gte=today,
    )
    if only is not None:
        rows = rows.filter(customer__any_of=list(only))
    found: dict[int, date] = {}
    for customer, day in rows.order_by("-due_date").values_list("customer_id", "due_date"):
        found[customer] = day
    return found
