"""What the columns of a file of facts hold, and its rows as the intake takes them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from analytics.success import cells
from analytics.success.kind import Kind
from outbox.days import zone
from surveys.roster import OWN_HEADING, property_name, typed
from surveys.sheets import Record

PROPERTY = "property"
"""Meaning of a column that becomes a property of a customer, under its heading."""
ALL_PROPERTIES = "properties"
"""Meaning of a column that holds all of them as one JSON object, as exports write it."""
_OTHER_NAMES: Mapping[str, str] = {
    "external_id": "id externalid key number no",
    "customer": "customerid customernumber account accountid company companyid client clientid",
    "name": "customername accountname companyname event eventname",
    "at": "from date time timestamp occurredat startedat start since",
    "amount": "price value total net mrr",
    "currency": "currencycode",
    "quantity": "seats licenses licences units",
    "user": "userid person email",
    "opened_at": "createdat opened created",
    "solved_at": "resolvedat closedat solved resolved closed",
    "first_reply_at": "firstresponseat firstreply repliedat",
    "placed_at": "orderedat orderdate createdat date",
    "due_date": "due enddate ends renewaldate",
    "first_date": "startdate from start starts",
    "last_date": "enddate to end ends",
    "started_at": "trialstart start started",
    "day": "date",
    "text": "body message comment content",
    "who": "author sender from role",
    "rating": "satisfaction csat score",
    "is_internal": "internal test istest",
}


def guess(kind: Kind, header: Sequence[str]) -> list[str]:
    """Return the likely column of the kind for each heading, "" for none; each at most once."""
    exact = {_squeeze(name): name for name in kind.columns}
    found = [exact.get(_squeeze(heading), "") for heading in header]
    for index, heading in enumerate(header):
        if not found[index] and not heading.startswith(OWN_HEADING):
            names = (
                n for n in kind.columns if _squeeze(heading) in _OTHER_NAMES.get(n, "").split()
            )
            found[index] = next((name for name in names if name not in found), "")
    seen: set[str] = set()
    for index, name in enumerate(found):
        found[index] = "" if name in seen else name
        seen.add(name)
    return [name or _rest(kind, heading) for name, heading in zip(found, header, strict=True)]


def _rest(kind: Kind, heading: str) -> str:
    return PROPERTY if has_properties(kind) and not heading.startswith(OWN_HEADING) else ""


def has_properties(kind: Kind) -> bool:
    return ALL_PROPERTIES in kind.columns


def choices(kind: Kind) -> list[str]:
    """Return what a column may be said to hold, but for being left out."""
    return [*kind.columns, PROPERTY] if has_properties(kind) else kind.columns


def _squeeze(heading: str) -> str:
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(char for char in letters if char.isalnum())


def missing(kind: Kind, columns: Sequence[str]) -> list[str]:
    """Return the columns a row cannot do without and no column of the file holds."""
    return [name for name in kind.required if name not in columns]


def row_reader(
    kind: Kind, header: Sequence[str], columns: Sequence[str]
) -> Callable[[Record], dict[str, Any]]:
    """Return what makes a record a row of the kind. A time without a zone is the workspace's."""
    moments = {f.name for f in kind.fields if f.read in (cells.moment, cells.past_moment)}
    return lambda record: _row(header, columns, record, moments)


def _row(
    header: Sequence[str], columns: Sequence[str], record: Record, moments: set[str]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    properties: dict[str, Any] = {}  # those with a column of their own
    for heading, name, cell in zip(header, columns, record.cells, strict=False):
        if not name or cell == "":
            continue
        if name == PROPERTY:
            properties[property_name(heading)] = typed(cell) if isinstance(cell, str) else cell
        elif name == ALL_PROPERTIES:
            row[name] = _document(cell)
        else:
            row[name] = _with_zone(cell) if name in moments else cell
    together = row.get(ALL_PROPERTIES, {})
    if properties and isinstance(together, dict):
        row[ALL_PROPERTIES] = together | properties
    return row


def _document(cell: Any) -> Any:
    """Return what a cell holds as JSON, or the cell: the intake then says what is wrong with it."""
    try:
        return json.loads(cell) if isinstance(cell, str) else cell
    except (ValueError, RecursionError):
        return cell


def _with_zone(cell: Any) -> Any:
    try:
        at: datetime | None = parse_datetime(cell) if isinstance(cell, str) else None
    except ValueError:
        return cell
    if at is None or at.tzinfo is not None or len(cell.strip()) <= 10:
        return cell
    return at.replace(tzinfo=zone()).isoformat()


def key_text(kind: Kind, row: Mapping[str, Any]) -> str:
    """Return the key of a row as it is written, "" where a part of it is missing."""
    key = [str(row.get(name, "")).strip() for name in kind.key]
    return "\n".join(key) if all(key) else ""
