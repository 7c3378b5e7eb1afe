"""Usage events a browser sends: checked like other facts, added once, never changing anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from analytics.success.cells import BadCell, line
from analytics.success.intake import customer_ids, take_in
from analytics.success.models import ProductUser, TrackingKey, UsageEvent
from analytics.success.refusals import Refusal
from analytics.success.service_kinds import USAGE_EVENTS, USERS
from outbox.transactions import write

MOST_EVENTS = 50
MOST_AGE = 24 * 3600
"""Seconds an event may have waited in a browser that was offline."""
_USED_RESOLUTION = timedelta(minutes=1)
_EVENT_COLUMNS = ("name", "feature", "kind", "is_core")
_PLAIN = re.compile(r"([a-z_-]{1,24}(\.html?)?)?", re.ASCII | re.IGNORECASE)


class BadTracking(ValueError):
    """The body is not what our script sends; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """How many events were added (an event sent twice counts once), and why others were not."""

    stored: int
    refusals: list[Refusal]


def record(key: TrackingKey, body: Any) -> Tracked:
    """Add the events of one call. Who is unknown becomes known; who is known stays as they are.

    A browser's clock is not trusted: each event says how many seconds ago it was.
    """
    user, customer, traits, events = _read(body)
    now = timezone.now()
    if customer and not customer_ids([customer]):
        customer = ""  # a fact's own customer must exist; the visit is kept without
    rows = [_row(key, event, user, customer, now) for event in events]
    ids = [row["external_id"] for row in rows if isinstance(row, dict)]
    with write():
        if traits is not None and not ProductUser.objects.filter(external_id=user).exists():
            known = {n: traits[n] for n in ("role", "language") if isinstance(traits.get(n), str)}
            told = {"external_id": user, "customer": customer, "created_at": now, **known}
            take_in(USERS, [told])
        there = set(
            UsageEvent.objects.filter(external_id__in=ids).values_list("external_id", flat=True)
        )
        fresh = [r for r in rows if not isinstance(r, dict) or r["external_id"] not in there]
        found = take_in(USAGE_EVENTS, fresh)
        if key.used_at is None or now - key.used_at > _USED_RESOLUTION:
            TrackingKey.objects.filter(pk=key.pk).update(used_at=now)
    return Tracked(found.created, found.refusals)


def _read(body: Any) -> tuple[str, str, Mapping[str, Any] | None, list[Any]]:
    if not isinstance(body, Mapping):
        raise BadTracking("send an object")
    events, traits = body.get("events", []), body.get("traits")
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise BadTracking(f"events: send a list of at most {MOST_EVENTS}")
    if traits is not None and not isinstance(traits, Mapping):
        raise BadTracking("traits: send an object")
    try:
        user, customer = line(120)(body.get("user")), line(120)(body.get("customer") or "")
    except BadCell as error:
        raise BadTracking(f"user: {error}") from None
    if not user:
        raise BadTracking("user: is missing")
    return user, customer, traits, events


def page_of(sent: Any) -> Any:
    """Return a page without query and with "…" for what may be an id, whatever the browser sent.

    The script leaves these out itself; this is for what says to be our script.
    """
    if not isinstance(sent, str):
        return sent
    path = re.split(r"[?#]", sent, maxsplit=1)[0]
    if "/" not in path:
        return path  # a name the developer gave
    return "/".join(part if _PLAIN.fullmatch(part) else "…" for part in path.split("/"))


def _row(key: TrackingKey, event: Any, user: str, customer: str, now: Any) -> Any:
    if not isinstance(event, Mapping):
        return event
    age = event.get("age", 0)
    is_number = isinstance(age, int | float) and not isinstance(age, bool)
    seconds = min(max(age, 0), MOST_AGE) if is_number and age == age else 0  # NaN is no age
    name = str(event.get("id") or "")[:60]
    return {
        "external_id": f"{key.key}:{name}" if name else "",
        "user": user,
        "customer": customer,
        "at": now - timedelta(seconds=seconds),
        "page": page_of(event.get("page")),
        **{column: event[column] for column in _EVENT_COLUMNS if column in event},
    }
