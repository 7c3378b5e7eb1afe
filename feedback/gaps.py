"""Gaps in a saved answer, such as {name}: which there are, and filling them. Pure.

A gap nobody can fill stays visible as [name?] and is named: half a letter
is not to leave unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

GAPS = ("name", "customer", "company", "agent", "survey", "score")
_GAP = re.compile(r"\{([^{}\n]*)\}")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its gaps filled; `missing` are the names of those that stayed, each once."""

    text: str
    missing: tuple[str, ...]


def unknown_gaps(text: str) -> tuple[str, ...]:
    """Return what stands in braces and is no gap of ours, each once, in the order of the text."""
    return tuple(dict.fromkeys(name for name in _GAP.findall(text) if name not in GAPS))


def has_stray_brace(text: str) -> bool:
    """Tell whether a brace opens or closes nothing: a typing error that would be sent."""
    rest = _GAP.sub("", text)
    return "{" in rest or "}" in rest


def marker(name: str) -> str:
    """Return how a gap that could not be filled is shown."""
    return f"[{name}?]"


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Fill every gap that has a value (in one line); what a value says is never a gap itself."""
    missing: dict[str, None] = {}

    def said(found: re.Match[str]) -> str:
        name = found[1]
        value = _SPACES.sub(" ", values.get(name, "")).strip()
        if not value:
            missing[name] = None
        return value or marker(name)

    return Filled(_GAP.sub(said, text), tuple(missing))
