"""Tables of rows behind a figure: cells, heads, at most fifty rows; kept ones without names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.success.queries import Facts
from surveys.models import Customer

MOST = 50


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str = ""
    is_number: bool = False
    tone: str = ""
    customer: int | None = None  # whose name it is: a kept table takes it from today's


@dataclass(frozen=True, slots=True)
class Table:
    """At most MOST of `total` rows under their heads."""

    title: str
    heads: tuple[tuple[str, bool], ...]  # words, is a number
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


def table_from(kept: Mapping[str, Any] | None) -> Table | None:
    """Return a table that was kept, its customers under the names they have now."""
    if kept is None:
        return None
    rows = [[Cell(**cell) for cell in row] for row in kept["rows"]]
    keys = {cell.customer for row in rows for cell in row if cell.customer is not None}
    listed = Customer.objects.filter(pk__in=keys).values_list("pk", "external_id", "name")
    names = {key: (external, name) for key, external, name in listed}
    named = [
        tuple(_named(names, cell.customer) if cell.customer is not None else cell for cell in row)
        for row in rows
    ]
    heads = tuple((words_, is_number) for words_, is_number in kept["heads"])
    return Table(kept["title"], heads, tuple(named), kept["total"])


def nameless(table: Table) -> Table:
    """Return a table to keep: whose row it is, but not their name."""
    rows = tuple(
        tuple(cell if cell.customer is None else replace(cell, text="", url="") for cell in row)
        for row in table.rows
    )
    return replace(table, rows=rows)


def table_of(
    title: str, heads: Iterable[str], rows: Sequence[tuple[Cell, ...]], total: int | None = None
) -> Table:
    """Return the first rows under their heads; `total` where not all of them were made."""
    first = rows[0] if rows else ()
    numbers = [cell.is_number for cell in first] or [False] * 9
    count = len(rows) if total is None else total
    return Table(title, tuple(zip(heads, numbers, strict=False)), tuple(rows[:MOST]), count)


def customer_cell(facts: Facts, key: Any) -> Cell:
    return _named(facts.customers, key)


def _named(names: Mapping[int, tuple[str, str]], key: Any) -> Cell:
    external, name = names.get(key, ("", ""))
    if not external:
        return Cell(_("no customer"))
    return Cell(name or external, reverse("staff:account", args=[key]), customer=key)


def number_cell(text: str, tone: str = "") -> Cell:
    return Cell(text, is_number=True, tone=tone)
