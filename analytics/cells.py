"""Cells of exported files, written in SQL: safe from formulas, times in UTC, JSON as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Func, TextField
from django.db.models.expressions import RawSQL

# What a spreadsheet takes for a formula, also in full width, and what it may skip before it.
_DANGER = "=+-@\t\r\n＝＋－＠"
_SKIPPED = " \u00a0\u200b\u2060\ufeff\"'`‘’“”„«»"


def safe(text: str) -> str:
    """Return the text, with an apostrophe before what a spreadsheet would run."""
    begins = text.lstrip(_SKIPPED)[:1]
    return f"'{text}" if begins and begins in _DANGER else text


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `id` is its name for ever.

    Text is guarded against formulas; numbers, times and JSON are written as
    they are. `listed` takes the place of `value` in JSON lines; `is_json`
    says that what stands there is JSON already.
    """

    id: str
    value: Any
    is_text: bool = False
    is_json: bool = False
    listed: Any = None
    bare: Any = None  # a condition under which the text is a number; see Cell


class Cell(Func):
    """The SQL of `safe`; an empty text is an empty cell. `is_raw` leaves formulas alone."""

    output_field = TextField()

    def __init__(self, value: Any, *, is_raw: bool, bare: Any = None) -> None:
        """`bare` is a condition under which the cell is a number and no text at all."""
        super().__init__(value, *([] if bare is None else [bare]))
        self.is_raw = is_raw

    def as_sql(
        self, compiler: Any, connection: Any, *_others: Any, **_more: Any
    ) -> tuple[str, tuple[Any, ...]]:
        cell, values = compiler.compile(self.source_expressions[0])
        if self.is_raw:
            return f"NULLIF({cell}, '')", tuple(values)
        marks = ", ".join(["%s"] * len(_DANGER))
        whens = [
            (f"WHEN {cell} = '' THEN NULL", [*values]),
            (
                f"WHEN SUBSTR(LTRIM({cell}, %s), 1, 1) IN ({marks}) THEN '''' || {cell}",
                [*values, _SKIPPED, *_DANGER, *values],
            ),
        ]
        if len(self.source_expressions) > 1:
            condition, more = compiler.compile(self.source_expressions[1])
            whens.insert(1, (f"WHEN {condition} THEN {cell}", [*more, *values]))
        parameters = [value for _, several in whens for value in several]
        text = " ".join(when for when, _ in whens)
        return f"CASE {text} ELSE {cell} END", (*parameters, *values)


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
