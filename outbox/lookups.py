"""`pk__any_of=ids`: like `__in`, but with one parameter however many ids there are.

Measured with batches of 500: psycopg takes six milliseconds to take a
statement with 500 placeholders apart, more than reading 100 comments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, ForeignKey, Lookup


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):  # type: ignore[type-arg]
    """Compare an integer column with a list of integers."""

    lookup_name = "any_of"
    prepare_rhs = False
    rhs: Iterable[int]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        listed = ",".join([str(int(number)) for number in self.rhs])
        if connection.vendor == "sqlite":
            sql = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  a column's name
            return sql, (*parameters, f"[{listed}]")
        return f"{column} = ANY(%s::bigint[])", (*parameters, f"{{{listed}}}")
