"""Cells of exported files, written in SQL: safe from formulas, times in UTC, JSON as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.expressions import RawSQL

from surveys.sheets import DANGER, SKIPPED

# Most cells begin with one of these, which is said by a number: no text is taken apart for them.
_PLAIN = ((ord("A"), ord("Z")), (ord("a"), ord("z")), (ord("0"), ord("9")))


def safe(text: str) -> str:
    """Return the text, with an apostrophe before what a spreadsheet would run."""
    begins = text.lstrip(SKIPPED)[:1]
    return f"'{text}" if begins and begins in DANGER else text


Type = Literal[
    "text", "integer", "number", "decimal", "instant", "moment", "date", "flag", "json", "texts",
    "digits",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `id` is its name for ever.

    Text is guarded against formulas; numbers, times and JSON are written as
    they are. `listed` takes the place of `value` in JSON lines; `is_json`
    says that what stands there is JSON already. `type` is what Parquet and
    workbooks make of it: "json" is a document as text, "digits" a text that
    is a whole number or empty, "decimal" a text of digits that is exact, of
    `places` decimals. A "moment" is an instant whose zone has to survive a
    workbook, because the file is read in again.
    """

    id: str
    value: Any
    type: Type = "text"
    is_text: bool = False
    is_json: bool = False
    listed: Any = None
    bare: Any = None  # a condition under which the text is a number; see `guarded`
    places: int = 0


def guarded(cell: str, *, bare: str = "") -> str:
    """Return the SQL of `safe` for a column; an empty text is an empty cell.

    `bare` is a column that is true where the cell is a number and no text.
    """
    first = f"{'ascii' if connection.vendor == 'postgresql' else 'unicode'}({cell})"
    is_plain = " OR ".join(f"{first} BETWEEN {low} AND {high}" for low, high in _PLAIN)
    dangers = ", ".join(_quoted(char) for char in DANGER)
    number = f"WHEN {bare} THEN {cell} " if bare else ""
    return (
        f"CASE WHEN {is_plain} THEN {cell} WHEN {cell} = '' THEN NULL {number}"
        f"WHEN SUBSTR(LTRIM({cell}, {_quoted(SKIPPED)}), 1, 1) IN ({dangers}) "
        f"THEN '''' || {cell} ELSE {cell} END"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Stamp(Func):
    """An instant as the API writes it: 2026-01-31T09:30:00Z."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        form = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        return self.as_sql(compiler, connection, template=form, **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        form = "(SUBSTR(%(expressions)s, 1, 10) || 'T' || SUBSTR(%(expressions)s, 12, 8) || 'Z')"
        return self.as_sql(compiler, connection, template=form, **more)


class ExactStamp(Stamp):
    """An instant with the microseconds it has: 2026-01-31T09:30:00.25Z, or without any."""

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        form = (
            "rtrim(rtrim(to_char(%(expressions)s AT TIME ZONE 'UTC', "
            """'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'"""
        )
        return self.as_sql(compiler, connection, template=form, **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        form = "(REPLACE(%(expressions)s, ' ', 'T') || 'Z')"
        return self.as_sql(compiler, connection, template=form, **more)


class Exact(Func):
    """A decimal in digits, each that is stored and none that is not."""

    output_field = TextField()

    def __init__(self, name: str, *, places: int) -> None:
        super().__init__(name)
        self.places = places

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::text", **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        form = f"printf('%%%%.{self.places}f', %(expressions)s)"
        only = f"CASE WHEN %(expressions)s IS NOT NULL THEN {form} END"
        return self.as_sql(compiler, connection, template=only, **more)


def yes_no(name: str) -> Column:
    """Return the column of a field that is true or false."""
    text = Case(When(**{name: True}, then=Value("true")), default=Value("false"))
    listed = F(name) if connection.vendor == "postgresql" else text
    return Column(name, text, "flag", is_json=True, listed=listed)


def sql(postgres: str, sqlite: str, *values: Any) -> RawSQL:
    """Return a fragment in the words of the database in use; `values` fill its %s."""
    text = postgres if connection.vendor == "postgresql" else sqlite
    return RawSQL(text, values, output_field=TextField())  # noqa: S611  constants only
