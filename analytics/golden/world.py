"""An empty workspace for one worked case: facts go in and metrics come out over REST."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.test.utils import override_settings
from rest_framework.test import APIClient

from analytics.golden.reading import Input, the_instant
from surveys.access import create_key

_ZONES = ("UTC", "America/New_York", "Europe/London", "Europe/Berlin", "Asia/Tokyo",
          "America/Los_Angeles", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland",
          "America/Sao_Paulo", "Asia/Kathmandu")  # fmt: skip
Row = dict[str, Any]


class World:
    """Calls of one workspace; a refused row or call is an error of the case."""

    def __init__(self, client: APIClient) -> None:
        self._client = client

    def tell(self, kind: str, rows: Iterable[Row]) -> None:
        listed = list(rows)
        for start in range(0, len(listed), 5000):
            body = {"rows": listed[start : start + 5000]}
            self._call("post", f"facts/{kind}?all_or_nothing=true", body)

    def customers(self, names: Iterable[str], **facts: Any) -> None:
        unique = dict.fromkeys(names)
        self.tell("customers", [{"external_id": n, "name": n, **facts} for n in unique])

    def agree(self, **conventions: Any) -> None:
        self._call("patch", "metrics/conventions", conventions)

    def ask(self, slug: str, query: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call("get", f"metrics/{slug}?{query}")
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        call = getattr(self._client, method)
        kept = {"secure": True} if body is None else {"data": body, "secure": True}
        reply = call(f"/api/v1/{path}", **kept)
        if reply.status_code != 200:
            raise ValueError(f"{method} {path}: {reply.status_code} {reply.content[:300]!r}")
        return reply.json()


@contextmanager
def world(zone: str = "UTC") -> Iterator[World]:
    """Open a workspace of a zone; whatever is told it is forgotten at the end."""
    with (
        override_settings(TIME_ZONE=zone, ALLOWED_HOSTS=["*"], API_CALLS_PER_MINUTE=100_000),
        transaction.atomic(),
    ):
        _key, text = create_key(name="worked cases", scopes=["read", "write"])
        client = APIClient(raise_request_exception=True)
        client.default_format = "json"
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        try:
            yield World(client)
        finally:
            transaction.set_rollback(True)


def zone_of(given: Input) -> str:
    """Return a zone in which both ends of a case's period are local midnights."""
    ends = [the_instant(given[name]) for name in ("start", "end")]
    for zone in _ZONES:
        if all(_is_midnight(end.astimezone(ZoneInfo(zone))) for end in ends):
            return zone
    raise ValueError(f"{ends} are midnights in none of the zones tried")


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0)


def days_of(given: Input, zone: str = "UTC") -> str:
    """Return the query for the days from `start` up to, not including, `end`."""
    start, end = (the_instant(given[name]).astimezone(ZoneInfo(zone)) for name in ("start", "end"))
    return f"from={start:%Y-%m-%d}&to={end - timedelta(days=1):%Y-%m-%d}"


def as_of(given: Input) -> str:
    return f"&as_of={given['as_of']}" if given.get("as_of") else ""
