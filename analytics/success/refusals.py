"""Why a row was not taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row was not taken: its place from 0, the column ("" for the row), the reason."""

    index: int
    column: str
    reason: str
