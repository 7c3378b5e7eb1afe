"""Sums of a part of the customers, which add up to those of all."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Self, TypeVar

_T = TypeVar("_T", bound=Any)


class Summed:
    """A frozen dataclass whose numbers add up field by field; a flag is true of both if of one."""

    __slots__ = ()

    def __add__(self, other: Self) -> Self:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return type(self)(*(_both(getattr(self, n), getattr(other, n)) for n in names))


def _both(one: _T, other: _T) -> _T:
    return one or other if isinstance(one, bool) else one + other
