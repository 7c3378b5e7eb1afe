"""Tables of rows behind a figure: cells, heads, at most fifty rows; names come when it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Any, TypeVar

from django.urls import reverse
from django.utils.translation import gettext as _

from surveys.models import Customer

MOST = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str = ""
    is_number: bool = False
    tone: str = ""
    customer: int | None = None  # whose name it is: that of today is shown


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
    rows = tuple(tuple(Cell(**cell) for cell in row) for row in kept["rows"])
    heads = tuple((words_, is_number) for words_, is_number in kept["heads"])
    return named(Table(kept["title"], heads, rows, kept["total"]))


def named(table: Table) -> Table:
    """Return a table with its customers under their names, asked for all at once."""
    keys = {cell.customer for row in table.rows for cell in row if cell.customer is not None}
    listed = Customer.objects.filter(pk__in=keys).values_list("pk", "external_id", "name")
    names = {key: (external, name) for key, external, name in listed}
    rows = tuple(
        tuple(cell if cell.customer is None else _named(names, cell.customer) for cell in row)
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


def first_rows(
    rows: Iterable[Any], key: Callable[[Any], Any] | None = None
) -> tuple[list[Any], int]:
    """Return the MOST largest rows and how many there were, none of the others held."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    return nlargest(MOST, counted(), key=key), count


def customer_cell(key: Any) -> Cell:
    """Return the cell of a customer, which `named` fills; anything but a key is nobody's."""
    return Cell("", customer=key) if isinstance(key, int) else Cell(_("no customer"))


def _named(names: Mapping[int, tuple[str, str]], key: Any) -> Cell:
    external, name = names.get(key, ("", ""))
    if not external:
        return Cell(_("no customer"))
    return Cell(name or external, reverse("staff:account", args=[key]), customer=key)


def number_cell(text: str, tone: str = "") -> Cell:
    return Cell(text, is_number=True, tone=tone)
