"""Results, charts and tables as text and back, exact to the last digit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from analytics.statistics.result import Interval, Result

_DECIMAL, _DATE = "$decimal", "$date"


def freeze(value: Any) -> str:
    """Return a value as text. TypeError for what would not come back as it was.

    A dataclass comes back as a mapping of its fields, a tuple as a list.
    """
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def thaw(text: str) -> Any:
    """Return what `freeze` was given; None for no text."""
    return json.loads(text, object_hook=_lively) if text else None


def thaw_result(text: str) -> Result:
    found = thaw(text)
    interval = found.pop("interval")
    return Result(**found, interval=None if interval is None else Interval(**interval))


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return {_DECIMAL: str(value)}
        case Promise():
            return str(value)
        case date() if not isinstance(value, datetime):
            return {_DATE: value.isoformat()}
        case Mapping():
            return {_key(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be kept: {value!r}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be a text to be kept: {key!r}")
    return key


def _lively(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if _DECIMAL in found:
            return Decimal(found[_DECIMAL])
        if _DATE in found:
            return date.fromisoformat(found[_DATE])
    return found
