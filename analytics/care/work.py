"""The kinds of work this room does for the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.care.raising import look
from analytics.success.daily import SIGNS
from outbox.registry import Handler, Once, Setback, Work, register


def look_for_signs(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Handle outbox work of kind "account-signs": the warning signs of a range of customers."""
    for work in works:
        first, _dash, last = work.detail.partition("-")
        look(int(first), int(last))
    return ()


register(
    Handler(
        SIGNS, look_for_signs, batch=1, once=Once.REPEATABLE, gives_way=True, lease_seconds=120
    )
)  # fmt: skip
