"""Many new rows at once: COPY on PostgreSQL, statements of many rows elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Field, JSONField, Model
from django.utils import timezone

_CHUNK = 500  # rows a statement where there is no COPY
Row = Mapping[str, Any]


def insert_many(model: type[Model], rows: Sequence[Row]) -> list[int]:
    """Store new rows and return their ids. Call inside a transaction.

    A row maps columns (`survey_id`, `score`) to values; what it leaves out has
    the model's default. No row may be there already. On PostgreSQL several
    times as fast as `bulk_create`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if not rows:
        return []
    if connection.vendor != "postgresql":
        made = model._default_manager.bulk_create([model(**row) for row in rows], batch_size=_CHUNK)
        return [row.pk for row in made]
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table = model._meta.db_table
    values = [_value_of(field, connection) for field in fields]
    with connection.cursor() as cursor:
        ids = _new_ids(cursor, table, len(rows))
        with cursor.copy(f"COPY {quote(table)} (id, {columns}) FROM STDIN") as copy:
            for pk, row in zip(ids, rows, strict=True):
                copy.write_row([pk, *(value(row) for value in values)])
    return ids


def _value_of(field: Field[Any, Any], connection: Any) -> Callable[[Row], Any]:
    """Return how a row's value of this field is read for COPY; the driver knows plain types."""
    name, default = field.attname, field.get_default()
    if isinstance(field, DateTimeField) and (field.auto_now or field.auto_now_add):
        default = timezone.now()
    if isinstance(field, JSONField):
        return lambda row: field.get_db_prep_save(row.get(name, default), connection)
    return lambda row: row.get(name, default)


def _new_ids(cursor: Any, table: str, count: int) -> list[int]:
    sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    cursor.execute(sequence, [table, count])
    return [pk for (pk,) in cursor.fetchall()]
