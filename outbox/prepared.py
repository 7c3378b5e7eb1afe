"""Hot statements: written once per process and planned once per connection.

Measured: PostgreSQL takes twice as long to plan the statement that stores an
answer as to run it, and the ORM takes ten times as long to write the SQL of a
five-table lookup as SQLite takes to answer it. Nothing else needs this: a
statement belongs here when customers wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, cast

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators

_M = TypeVar("_M", bound=Model)


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """Return a cursor whose statements the database keeps planned, for this connection.

    SQLite's driver does so for every statement. Behind a pooler that hands
    the connection on after each transaction nothing can be kept: such a pooler
    is made known by Django's own DISABLE_SERVER_SIDE_CURSORS.
    """
    if connection.vendor == "sqlite" or _is_pooled():
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = _preparing()(connection.connection)
    with connection._prepare_cursor(raw) as cursor:  # type: ignore[attr-defined]
        yield cursor


def _is_pooled() -> bool:
    return bool(connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"))


@cache
def _preparing() -> type[Any]:
    class Preparing(connection.Database.Cursor):  # type: ignore[name-defined, misc]
        """psycopg's cursor that leaves values to the server; Django's writes them into the SQL."""

        def execute(self, query: Any, params: Any = None) -> Any:
            return super().execute(query, params, prepare=True)

    return Preparing


class _Plan(NamedTuple):
    """A written query: its SQL and how a row of it becomes an object."""

    sql: str
    model: type[Model]
    names: list[str]
    columns: slice
    related: list[RelatedPopulator]
    convert: Callable[[Any], list[Any]]


class Lookup(Generic[_M]):
    """A queryset that finds one object by one value, at little more than its SQL's own cost.

    `find` makes the queryset from the value it filters by, which must be its
    only one; `example` is such a value.
    """

    def __init__(self, find: Callable[[Any], QuerySet[_M]], *, example: object) -> None:
        self._find, self._example = find, example
        self._plans: dict[str, _Plan] = {}

    def get(self, value: object) -> _M | None:
        """Return the object with all it selects beside it, None when there is none."""
        plan = self._plans.get(connection.vendor) or self._plan()
        with prepared_cursor() as cursor:
            cursor.execute(plan.sql, [value])
            found = cursor.fetchone()
        if found is None:
            return None
        row = plan.convert(found)
        instance = plan.model.from_db(connection.alias, plan.names, row[plan.columns])
        for populator in plan.related:
            populator.populate(row, instance)
        return cast(_M, instance)

    def _plan(self) -> _Plan:
        """Do once what Django's ModelIterable does for every row set."""
        compiler = self._find(self._example).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if len(parameters) != 1:
            raise TypeError(f"a lookup takes one value, this one has {len(parameters)}")
        info = compiler.klass_info
        columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        plan = _Plan(
            sql,
            info["model"],
            [column.target.attname for column, *_ in compiler.select[columns]],
            columns,
            get_related_populators(info, compiler.select, connection.alias),  # type: ignore[call-arg]
            lambda row: next(compiler.apply_converters([row], converters)),
        )
        self._plans[connection.vendor] = plan
        return plan
