"""A field of a filter form, the same on every staff page that narrows what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Select:
    """One field of a filter form; `options` are (value, name)."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str
