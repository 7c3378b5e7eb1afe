"""Write readings down in bulk: one statement a table, one JSON parameter a statement.

Half of a batch's cost used to be the ORM: a model instance and a variable for
every value. Both databases unpack a JSON array themselves, so 500 readings
are one short statement with two parameters, and SQLite's limit on variables
is never met.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from feedback.models import Emotion, Mention, Reading


class ReadingRow(NamedTuple):
    """The columns of a Reading that differ from row to row, in the order of _READING."""

    response_id: int
    response_version: int
    language: str
    sentiment: str
    read_sentiment: str
    reason: str
    compound: float | None
    confidence: float | None
    clauses: Sequence[Sequence[object]]


class MentionRow(NamedTuple):
    response_id: int
    theme_id: int
    start: int
    end: int
    sentiment: str
    compound: float | None


class EmotionRow(NamedTuple):
    response_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Before:
    """What was on record of a response that is read again."""

    response_version: int
    language: str
    sentiment: str


_READING = {
    "response_id": "bigint", "response_version": "integer", "language": "text",
    "sentiment": "text", "read_sentiment": "text", "reason": "text",
    "compound": "double precision", "confidence": "double precision", "clauses": "jsonb",
}  # fmt: skip
_MENTION = {
    "response_id": "bigint", "theme_id": "bigint", "start": "integer", "end": "integer",
    "sentiment": "text", "compound": "double precision",
}  # fmt: skip
_EMOTION = {"response_id": "bigint", "name": "text"}


def insert_readings(rows: Sequence[ReadingRow], *, version: str, at: datetime) -> set[int]:
    """Insert what is not on record yet; return the response ids that were inserted.

    A response that is on record already, or was erased meanwhile, is left out.
    """
    return {pk for (pk,) in _run(_insert_readings_sql(connection.vendor), rows, version, at)}


def update_readings(rows: Sequence[ReadingRow], *, version: str, at: datetime) -> None:
    """Write over what is on record; the caller holds the rows (`hold_readings`)."""
    _run(_update_readings_sql(connection.vendor), rows, version, at)


def hold_readings(response_ids: Collection[int]) -> dict[int, Before]:
    """Lock the readings on record until the transaction ends, and return what they say.

    Two workers at the same response take turns here, so mentions and emotions
    always belong to the reading beside them.
    """
    if not response_ids:
        return {}
    rows = Reading.objects.filter(pk__any_of=response_ids).order_by("pk").select_for_update()
    columns = ("pk", "response_version", "language", "sentiment")
    return {pk: Before(*found) for pk, *found in rows.values_list(*columns)}


def insert_mentions(rows: Sequence[MentionRow]) -> None:
    _run(_insert_sql(connection.vendor, "feedback_mention"), rows)


def insert_emotions(rows: Sequence[EmotionRow]) -> None:
    _run(_insert_sql(connection.vendor, "feedback_emotion"), rows)


def replace_mentions(response_ids: Collection[int], rows: Iterable[MentionRow]) -> set[int]:
    """Make `rows` the mentions of these responses; return the ids where that changed anything."""
    on_record = Mention.objects.filter(response_id__any_of=response_ids)
    was = on_record.values_list(*MentionRow._fields)
    differing, fresh = _differing((MentionRow(*row) for row in was), rows)
    if differing:
        Mention.objects.filter(response_id__any_of=differing).delete()
        insert_mentions(fresh)
    return differing


def replace_emotions(response_ids: Collection[int], rows: Iterable[EmotionRow]) -> set[int]:
    """Make `rows` the emotions of these responses; return the ids where that changed anything."""
    on_record = Emotion.objects.filter(response_id__any_of=response_ids)
    was = on_record.values_list(*EmotionRow._fields)
    differing, fresh = _differing((EmotionRow(*row) for row in was), rows)
    if differing:
        Emotion.objects.filter(response_id__any_of=differing).delete()
        insert_emotions(fresh)
    return differing


_Row = TypeVar("_Row", MentionRow, EmotionRow)


def _differing(was: Iterable[_Row], now: Iterable[_Row]) -> tuple[set[int], list[_Row]]:
    """Return the response ids whose rows differ, and all new rows of those."""
    old: defaultdict[int, set[_Row]] = defaultdict(set)
    new: defaultdict[int, set[_Row]] = defaultdict(set)
    for row in was:
        old[row.response_id].add(row)
    for row in now:
        new[row.response_id].add(row)
    differing = {pk for pk in old.keys() | new.keys() if old.get(pk) != new.get(pk)}
    return differing, sorted(row for pk in differing for row in new.get(pk, ()))


def _run(sql: str, rows: Sequence[tuple[Any, ...]], *shared: object) -> list[tuple[Any, ...]]:
    """Run a statement on rows: they are its last parameter, `shared` come before."""
    if not rows:
        return []
    adapted = [_adapted(value) for value in shared]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*adapted, json.dumps(rows, separators=(",", ":"))])
        return cursor.fetchall() if cursor.description else []


def _adapted(value: object) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _given(vendor: str, columns: dict[str, str]) -> str:
    """Return the SELECT that unpacks one JSON array of arrays into rows of typed columns."""
    if vendor == "sqlite":
        picked = [
            f"json_extract(value, '$[{at}]') AS {_quoted(name)}" for at, name in enumerate(columns)
        ]
        return f"SELECT {', '.join(picked)} FROM json_each(%s)"  # noqa: S608  constants
    picked = [
        f"(value {'->' if kind == 'jsonb' else '->>'} {at})::{kind} AS {_quoted(name)}"
        for at, (name, kind) in enumerate(columns.items())
    ]
    return f"SELECT {', '.join(picked)} FROM jsonb_array_elements(%s::jsonb) AS given(value)"  # noqa: S608


def _quoted(name: str) -> str:
    return f'"{name}"'


def _names(columns: dict[str, str], prefix: str = "") -> str:
    return ", ".join(prefix + _quoted(name) for name in columns)


@cache
def _insert_readings_sql(vendor: str) -> str:
    return f"""
        INSERT INTO feedback_reading (version, read_at, {_names(_READING)})
        SELECT %s, {_moment(vendor)}, {_names(_READING, "given.")}
        FROM ({_given(vendor, _READING)}) AS given
        JOIN feedback_response ON feedback_response.id = given.response_id
        WHERE TRUE ON CONFLICT (response_id) DO NOTHING RETURNING response_id"""  # noqa: S608


@cache
def _update_readings_sql(vendor: str) -> str:
    changes = ", ".join(
        f"{_quoted(name)} = given.{_quoted(name)}" for name in _READING if name != "response_id"
    )
    return f"""
        UPDATE feedback_reading SET version = %s, read_at = {_moment(vendor)}, {changes}
        FROM ({_given(vendor, _READING)}) AS given
        WHERE feedback_reading.response_id = given.response_id"""  # noqa: S608


@cache
def _insert_sql(vendor: str, table: str) -> str:
    columns = _MENTION if table == "feedback_mention" else _EMOTION
    # A theme that was deleted meanwhile takes no mentions any more.
    known = (
        "JOIN feedback_theme ON feedback_theme.id = given.theme_id" if "theme_id" in columns else ""
    )
    return f"""
        INSERT INTO {table} ({_names(columns)})
        SELECT {_names(columns, "given.")} FROM ({_given(vendor, columns)}) AS given {known}
        WHERE TRUE ON CONFLICT DO NOTHING"""  # noqa: S608


def _moment(vendor: str) -> str:
    return "%s" if vendor == "sqlite" else "%s::timestamptz"
