"""The counts beside the sidebar's entries, all in one statement a page.

Putting the queries of all entries together takes a page longer than the database takes to answer
them, so that is done once a minute; a moment they name ("since two weeks ago") is as old.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from outbox.prepared import prepared_cursor

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Badge:
    """A count beside an entry; `is_hot` when a person must act."""

    text: str
    is_hot: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted for an entry, and what it says: `badge` gets a number for each of `rows`."""

    rows: Callable[[], Sequence[QuerySet[Any]]]
    badge: Callable[..., Badge | None]


def badges(sources: Sequence[Counted]) -> dict[Counted, Badge | None]:
    """Return what each source says now; one query."""
    if not sources:
        return {}
    minute = int(time.time() / _SECONDS)
    sql, params, sizes = _statement(tuple(sources), minute, connection.vendor)
    with prepared_cursor() as cursor:
        cursor.execute(sql, params)
        numbers = iter(cursor.fetchone())
    return {
        source: source.badge(*islice(numbers, size))
        for source, size in zip(sources, sizes, strict=True)
    }


@lru_cache(maxsize=16)
def _statement(
    sources: tuple[Counted, ...], _minute: int, _vendor: str
) -> tuple[str, tuple[Any, ...], tuple[int, ...]]:
    """Return the statement with its parameters, and how many numbers each source wants."""
    parts: list[str] = []
    params: list[Any] = []
    sizes = []
    for source in sources:
        found = source.rows()
        sizes.append(len(found))
        for rows in found:
            sql, more = _counting(rows)
            parts.append(sql)
            params += more
    return f"SELECT {', '.join(parts)}", tuple(params), tuple(sizes)


def _counting(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    if rows.query.is_sliced or rows.query.distinct:
        wanted = rows if rows.query.values_select else rows.values("pk")
    else:
        wanted = rows.order_by().values("pk")
    try:
        sql, params = wanted.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "0", ()
    # Made by the ORM alone; values stay parameters.
    return f"(SELECT count(*) FROM ({sql}) AS counted)", params  # noqa: S608
