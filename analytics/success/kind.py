"""What a kind of fact is: its columns, how each is read, what must hold between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.success import cells

Row = dict[str, Any]
Flaw = tuple[str, str]
Check = Callable[[Mapping[str, Any]], Iterator[Flaw]]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a row. Left out (or null), it takes `default` unless `is_required`."""

    name: str
    read: cells.Reader
    is_required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: rows of `model`, one for each value of the columns `key`.

    `customer` says whether a row must name one ("required", "optional", "").
    `check` yields (column, reason) where columns contradict each other;
    `derive` returns columns computed from the others.
    """

    slug: str
    name: str | Promise
    model: type[Model]
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ("external_id",)
    customer: str = "required"
    check: Check | None = None
    derive: Callable[[Mapping[str, Any]], Row] | None = None
    # Rows of one `group` (a column) may not share days of [first, last].
    spans: tuple[str, str, str] | None = None
    # True: a column left out keeps what is stored, because others write here, too.
    keeps_missing: bool = False
    # The column that says when it happened, "" where a fact has no time of its own.
    when: str = ""
    # Called with the rows that were written, in their transaction: what follows from them.
    after: Callable[[Sequence[Row]], None] | None = None

    @property
    def columns(self) -> list[str]:
        """Return the names a row may have, the key first."""
        names = [field.name for field in self.fields]
        return [*names[:1], "customer", *names[1:]] if self.customer else names

    @property
    def required(self) -> list[str]:
        names = [field.name for field in self.fields if field.is_required]
        return [*names, "customer"] if self.customer == "required" else names


def in_order(*names: str) -> Check:
    """Return a check that later columns are not before the first one."""

    def check(row: Mapping[str, Any]) -> Iterator[Flaw]:
        start = row[names[0]]
        for name in names[1:]:
            if None not in (row[name], start) and row[name] < start:
                message = _("%(later)s lies before %(first)s, which is %(start)s")
                yield name, message % {"later": name, "first": names[0], "start": _words(start)}

    return check


def _words(value: date | datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


ID = Field("external_id", cells.line(120), is_required=True)
CURRENCY = Field("currency", cells.currency, is_required=True)
CHANNEL = Field("channel", cells.line(40), default="")
