"""Cells of exported files, written in SQL: safe from formulas, times in UTC, JSON as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Func, TextField
from django.db.models.expressions import RawSQL

# What a spreadsheet takes for a formula, also in full width, and what it may skip before it.
_DANGER = "=+-@\t\r\n＝＋－＠"
_SKIPPED = " \u00a0\u200b\u2060\ufeff\"'`‘’“”„«»"
# Most cells begin with one of these, which is said by a number: no text is taken apart for them.
_PLAIN = ((ord("A"), ord("Z")), (ord("a"), ord("z")), (ord("0"), ord("9")))


def safe(text: str) -> str:
    """Return the text, with an apostrophe before what a spreadsheet would run."""
    begins = text.lstrip(_SKIPPED)[:1]
    return f"'{text}" if begins and begins in _DANGER else text


Type = Literal["text", "integer", "number", "instant", "date", "flag", "json", "texts", "digits"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `id` is its name for ever.

    Text is guarded against formulas; numbers, times and JSON are written as
    they are. `listed` takes the place of `value` in JSON lines; `is_json`
    says that what stands there is JSON already. `type` is what Parquet and
    workbooks make of it: "json" is a document as text, "digits" a text that
    is a whole number or empty.
    """

    id: str
    value: Any
    type: Type = "text"
    is_text: bool = False
    is_json: bool = False
    listed: Any = None
    bare: Any = None  # a condition under which the text is a number; see `guarded`


def guarded(cell: str, *, bare: str = "") -> str:
    """Return the SQL of `safe` for a column; an empty text is an empty cell.

    `bare` is a column that is true where the cell is a number and no text.
    """
    first = f"{'ascii' if connection.vendor == 'postgresql' else 'unicode'}({cell})"
    is_plain = " OR ".join(f"{first} BETWEEN {low} AND {high}" for low, high in _PLAIN)
    dangers = ", ".join(_quoted(char) for char in _DANGER)
    number = f"WHEN {bare} THEN {cell} " if bare else ""
    return (
        f"CASE WHEN {is_plain} THEN {cell} WHEN {cell} = '' THEN NULL {number}"
        f"WHEN SUBSTR(LTRIM({cell}, {_quoted(_SKIPPED)}), 1, 1) IN ({dangers}) "
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


def sql(postgres: str, sqlite: str, *values: Any) -> RawSQL:
    """Return a fragment in the words of the database in use; `values` fill its %s."""
    text = postgres if connection.vendor == "postgresql" else sqlite
    return RawSQL(text, values, output_field=TextField())  # noqa: S611  constants only
