"""Hot statements: written once per process and planned once per connection.

Measured: PostgreSQL takes twice as long to plan the statement that stores an
answer as to run it, and the ORM takes ten times as long to write the SQL of a
five-table lookup as SQLite takes to answer it. Nothing else needs this: a
statement belongs here when customers wait for it, or on a page people open every morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from inspect import signature
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

from outbox.lookups import Place, array
from outbox.replica import using

_R = TypeVar("_R")


@contextmanager
def prepared_cursor(alias: str = DEFAULT_DB_ALIAS) -> Iterator[Any]:
    """Return a cursor whose statements the database keeps planned, for this connection.

    SQLite's driver does so for every statement. Behind a pooler that hands
    the connection on after each transaction nothing can be kept: such a pooler
    is made known by Django's own DISABLE_SERVER_SIDE_CURSORS.
    """
    connection = connections[alias]
    is_pooled = bool(connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"))
    if connection.vendor == "sqlite" or is_pooled:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = _preparing(connection.Database.Cursor)(connection.connection)  # type: ignore[attr-defined]
    with connection._prepare_cursor(raw) as cursor:  # type: ignore[attr-defined]
        yield cursor


@cache
def _preparing(usual: type[Any]) -> type[Any]:
    class Preparing(usual):  # type: ignore[misc]
        """psycopg's cursor that leaves values to the server; Django's writes them into the SQL."""

        def execute(self, query: Any, params: Any = None) -> Any:
            return super().execute(query, params, prepare=True)

        def _send_query_prepared(self, name: bytes, pgq: Any, **more: Any) -> None:
            self._query = pgq  # psycopg forgets it, and Django's log of statements shows it
            super()._send_query_prepared(name, pgq, **more)

    return Preparing


class _Plan(NamedTuple):
    """A written statement: its parameters, values and places, and what makes a row an object."""

    sql: str
    parameters: tuple[Any, ...]
    convert: Callable[[Iterable[Any]], Iterable[Any]]
    made: Callable[[Any], Any]


class Lookup(Generic[_R]):
    """A queryset whose SQL is written once a process, at little more than the SQL's own cost.

    `find` makes the queryset (of models or of `values_list`) and takes places where a value
    will go; values are given in that order, as the database keeps them: a date in ISO form, a
    list of integers where the queryset says `any_of`. Without `is_planned` the database plans it
    anew each time: what is between two days may be a tenth of the rows or all of them.
    """

    def __init__(self, find: Callable[..., QuerySet[Any, _R]], *, is_planned: bool = True) -> None:
        self._find, self._is_planned = find, is_planned
        self._names = tuple(signature(find).parameters)
        self._plans: dict[str, _Plan] = {}

    def get(self, *values: object) -> _R | None:
        """Return the first row with all it selects beside it, None when there is none."""
        return next(iter(self.every(*values)), None)

    def every(self, *values: object) -> list[_R]:
        """Return all rows, read where reports read (see outbox.replica)."""
        alias = using()
        plan = self._plans.get(alias) or self._plan(alias)
        vendor = connections[alias].vendor
        known: dict[str, Any] = {
            name: array(value, vendor) if isinstance(value, list) else value
            for name, value in zip(self._names, values, strict=True)
        }
        parameters: list[Any] = [
            known[p.name] if isinstance(p, Place) else p for p in plan.parameters
        ]
        opened = prepared_cursor(alias) if self._is_planned else connections[alias].cursor()
        with opened as cursor:
            cursor.execute(plan.sql, parameters)
            rows = cursor.fetchall()
        return [plan.made(row) for row in plan.convert(rows)]

    def _plan(self, alias: str) -> _Plan:
        found = self._find(*map(Place, self._names))
        compiler = found.query.get_compiler(connection=connections[alias])
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        plan = _Plan(
            sql,
            tuple(parameters),
            lambda rows: compiler.apply_converters(rows, converters) if converters else rows,
            tuple
            if found.query.values_select or found.query.combinator
            else _maker(compiler, alias),
        )
        self._plans[alias] = plan
        return plan


def _maker(compiler: Any, alias: str) -> Callable[[Any], Any]:
    """Return what makes a model of a row; do once what Django's ModelIterable does each time."""
    info = compiler.klass_info
    columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
    names = [column.target.attname for column, *_ in compiler.select[columns]]
    related = get_related_populators(info, compiler.select, alias)  # type: ignore[call-arg]

    def made(row: Any) -> Any:
        instance = info["model"].from_db(alias, names, row[columns])
        for populator in related:
            populator.populate(row, instance)
        return instance

    return made
