"""Many new rows at once: COPY on PostgreSQL, statements of many rows elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Field, JSONField, Model

Row = TypeVar("Row", bound=Model)
_CHUNK = 500  # rows a statement where there is no COPY


def insert_many(rows: Sequence[Row]) -> Sequence[Row]:
    """Store unsaved rows of one model and give them their ids. Call inside a transaction.

    On PostgreSQL several times as fast as `bulk_create`. No row may be there already.
    """
    if not rows:
        return rows
    model, connection = type(rows[0]), connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return model._default_manager.bulk_create(rows, batch_size=_CHUNK)
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    values = [_value_of(field, connection) for field in fields]
    with connection.cursor() as cursor:
        for row, pk in zip(rows, _new_ids(cursor, model, len(rows)), strict=True):
            row.pk = pk
        with cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([value(row) for value in values])
    for row in rows:
        row._state.adding = False
    return rows


def _value_of(field: Field[Any, Any], connection: Any) -> Callable[[Model], Any]:
    """Return how a row's value of this field is read for COPY; the driver knows plain types."""
    if isinstance(field, JSONField):
        return lambda row: field.get_db_prep_save(getattr(row, field.attname), connection)
    if isinstance(field, DateTimeField) and (field.auto_now or field.auto_now_add):
        return lambda row: field.pre_save(row, add=True)
    return attrgetter(field.attname)


def _new_ids(cursor: Any, model: type[Model], count: int) -> list[int]:
    sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    key: Any = model._meta.pk
    cursor.execute(sequence, [model._meta.db_table, key.column, count])
    return [pk for (pk,) in cursor.fetchall()]
