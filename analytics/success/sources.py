"""Whether facts still come in: when a kind came last, how often it used to, and has it stopped.

Customers who do nothing and a connector that is dead look alike in the facts.
They are told apart by deliveries: what came every day and has not come for
five times its usual pause has stopped, and what is made of it is unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise

from analytics.success.kind import Kind
from analytics.success.kinds import KINDS
from analytics.success.models import FactSource
from outbox.days import local_date

KNOWN_AFTER = 5
"""Days with a delivery that make a rhythm, which can stop; until then people upload by hand."""
PATIENCE = 5
"""How many usual pauses a source may be silent: among tickets that come by chance, one of a
hundred and fifty pauses is longer."""
LEAST = 4
"""Days any source may be silent: a long weekend."""
_NEW = 0.2  # weight of the newest pause
_OFTEN = timedelta(minutes=1)  # a write a minute, not one a call
MOST_COUNTED = 50_000
_NEWEST = 1000  # rows looked at where no index leads to the newest


def note_received(kind: str, at: datetime) -> None:
    """Note a delivery, in its transaction."""
    row = FactSource.objects.filter(kind=kind).first()
    if row is None:
        FactSource.objects.bulk_create(
            [FactSource(kind=kind, received_at=at)], ignore_conflicts=True
        )
    elif at - row.received_at >= _OFTEN:
        gap = (local_date(at) - local_date(row.received_at)).days
        mine = FactSource.objects.filter(kind=kind, received_at=row.received_at)
        days, pause = (row.days + 1, _pause(row, gap)) if gap > 0 else (row.days, row.pause)
        mine.update(received_at=at, days=days, pause=pause)


def _pause(row: FactSource, gap: int) -> float:
    """Return the usual pause with one more; a long silence does not become usual at once."""
    if row.days == 1:
        return float(gap)
    most = patience_of(row) or gap
    return (1 - _NEW) * row.pause + _NEW * min(gap, most)


def patience_of(row: FactSource) -> int | None:
    """Return after how many days of silence a source has stopped; None: it has no rhythm yet."""
    if row.days < KNOWN_AFTER:
        return None
    return max(LEAST, math.ceil(round(PATIENCE * row.pause, 3)))


def has_stopped(row: FactSource, today: date) -> bool:
    patience = patience_of(row)
    return patience is not None and (today - local_date(row.received_at)).days > patience


def stopped(at: datetime) -> dict[str, FactSource]:
    """Return the kinds that used to come in and have stopped."""
    today = local_date(at)
    return {row.kind: row for row in FactSource.objects.all() if has_stopped(row, today)}


# ---- For the page --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """How one kind of facts stands. `rows` is counted up to MOST_COUNTED, `is_more` says beyond.

    `newest` is the day of the newest fact; `patience` in days, None without a rhythm.
    """

    kind: str
    name: str | Promise
    rows: int
    is_more: bool
    newest: date | None
    received_at: datetime | None
    patience: int | None
    has_stopped: bool


def deliveries(at: datetime | None = None) -> list[Source]:
    """Return every kind of facts with what came in."""
    today = local_date(at or timezone.now())
    rows = {row.kind: row for row in FactSource.objects.all()}
    return [_source(kind, rows.get(kind.slug), today) for kind in KINDS.values()]


def _source(kind: Kind, row: FactSource | None, today: date) -> Source:
    keys = kind.model._default_manager.order_by().values("pk")
    rows = keys[: MOST_COUNTED + 1].count()
    return Source(
        kind.slug,
        kind.name,
        min(rows, MOST_COUNTED),
        rows > MOST_COUNTED,
        _newest(kind) if rows else None,
        row.received_at if row else None,
        patience_of(row) if row else None,
        row is not None and has_stopped(row, today),
    )


def _newest(kind: Kind) -> date | None:
    """Return the day of the newest fact: by index, else of those that came in last."""
    if not kind.when:
        return None
    known = [name for name in (kind.when, "day") if _leads_an_index(kind.model, name)]
    rows = kind.model._default_manager.order_by()
    if not known:
        rows = rows.filter(pk__in=kind.model._default_manager.order_by("-pk")[:_NEWEST])
    found = rows.aggregate(newest=Max(known[0] if known else kind.when))["newest"]
    return local_date(found) if isinstance(found, datetime) else found


def _leads_an_index(model: Any, name: str) -> bool:
    fields = {field.name: field for field in model._meta.fields}
    if name not in fields:
        return False
    several = [*model._meta.indexes, *model._meta.constraints]
    leads = any(list(getattr(each, "fields", ()))[:1] == [name] for each in several)
    return leads or fields[name].db_index or fields[name].unique
