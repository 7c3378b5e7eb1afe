"""How many rows of each kind of fact were written: what tells a kept figure that it is old.

Counted in the transaction of the rows, so whoever sees a count sees its rows, too.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from django.db.models import F, Sum

from analytics.success.models import FactsTold

_PARTS = 8


def note_told(kind: str, rows: int) -> None:
    """Count rows that were written. Call last in their transaction: it holds a row others want."""
    part = secrets.randbelow(_PARTS)
    mine = FactsTold.objects.filter(kind=kind, part=part)
    if not mine.update(rows=F("rows") + rows):
        FactsTold.objects.bulk_create([FactsTold(kind=kind, part=part)], ignore_conflicts=True)
        mine.update(rows=F("rows") + rows)


def told_so_far() -> dict[str, int]:
    """Return kind -> how many rows were ever written. Ask before reading the facts themselves."""
    counted = FactsTold.objects.order_by().values_list("kind")
    return dict(counted.annotate(total=Sum("rows")).values_list("kind", "total"))


def told_since(then: Mapping[str, int], now: Mapping[str, int], kinds: Iterable[str]) -> int:
    """Return how many rows of these kinds were written between two counts."""
    return sum(max(0, now.get(kind, 0) - then.get(kind, 0)) for kind in set(kinds))
