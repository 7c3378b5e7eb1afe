"""How a benchmark speaks: one line a figure, then the machine it ran on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version


def figure(
    goal_id: str, name: str, value: float, *, at_least: float = 0, at_most: float = 0
) -> None:
    """Print `P1 submit_ratio 0.93 goal >=0.8 ok`; without a goal only the value."""
    shown = f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    goal = ""
    if at_least:
        goal = f" goal >={at_least:g} {'ok' if value >= at_least else 'short'}"
    elif at_most:
        goal = f" goal <={at_most:g} {'ok' if value <= at_most else 'short'}"
    print(f"{goal_id} {name} {shown}{goal}", flush=True)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def machine(*, rounds: int, packages: Sequence[str] = ("Django", "gunicorn", "psycopg")) -> None:
    """Print where and with what the figures were taken."""
    versions = " ".join(f"{name} {version(name)}" for name in packages)
    print(
        f"machine {platform.machine()} cores {os.cpu_count()} Python {platform.python_version()} "
        f"{versions} rounds {rounds}",
        flush=True,
    )


def is_small() -> bool:
    return os.environ.get("SCALE") == "small"
