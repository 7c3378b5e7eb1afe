"""Pages that follow (moment, id): the key of an address, so no page is counted off."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def moment_key(at: datetime, pk: int) -> str:
    return f"{at.timestamp():.6f}-{pk}"


def read_moment_key(text: str) -> tuple[datetime, int] | None:
    """Return what a key says, None when it says nothing."""
    moment, _sign, pk = text.rpartition("-")
    try:
        return datetime.fromtimestamp(float(moment), tz=timezone.get_default_timezone()), int(pk)
    except (ValueError, OverflowError, OSError):
        return None
