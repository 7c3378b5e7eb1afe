"""Everything the product offers to worked cases, by the case's `fn`."""

from __future__ import annotations

from collections.abc import Callable

from analytics.golden import (
    customers,
    health,
    products,
    revenue,
    support,
    surveys,
    texts,
    tracking,
    values,
)
from analytics.golden.reading import Input, Output

Adapter = Callable[[Input], Output]

_ROOMS = (surveys, tracking, customers, revenue, values, products, support, texts, health)

OFFERED: dict[str, Adapter] = {fn: adapter for room in _ROOMS for fn, adapter in room.FNS.items()}
