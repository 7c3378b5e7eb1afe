"""How a benchmark speaks: one line a figure, then the machine it ran on.

`PUBLISH=1` also writes what was said into its section of docs/performance.md.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

PERFORMANCE = Path(__file__).parents[2] / "docs" / "performance.md"
_spoken: list[str] = []


def say(line: str) -> None:
    """Print a line and remember it for `publish`."""
    _spoken.append(line)
    print(line, flush=True)


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
    say(f"{goal_id} {name} {shown}{goal}")


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def machine(*, rounds: int, packages: Sequence[str] = ("Django", "gunicorn", "psycopg")) -> None:
    """Print where and with what the figures were taken."""
    versions = " ".join(f"{name} {version(name)}" for name in packages)
    say(
        f"machine {platform.machine()} cores {os.cpu_count()} Python {platform.python_version()} "
        f"{versions} rounds {rounds}"
    )


def is_small() -> bool:
    return os.environ.get("SCALE") == "small"


def publish(name: str) -> None:
    """Write what this process said as the figures of `make bench-NAME`, if `PUBLISH` asks for it.

    A small run says nothing about speed and is not published.
    """
    if not os.environ.get("PUBLISH"):
        return
    if is_small():
        print("not published: SCALE=small", flush=True)
        return
    before = PERFORMANCE.read_text(encoding="utf-8")
    PERFORMANCE.write_text(with_figures(before, name, _spoken), encoding="utf-8")


def with_figures(document: str, name: str, lines: Sequence[str]) -> str:
    """Return the document with these lines as the figures of one benchmark.

    They stand between two marks, which are appended under a heading where there are none yet.
    """
    begins, ends = f"<!-- figures of bench-{name} -->", f"<!-- end of bench-{name} -->"
    fresh = "\n".join([begins, "```text", *lines, "```", ends])
    head, mark, rest = document.partition(begins)
    if not mark:
        return f"{document.rstrip()}\n\n## bench-{name}\n\n{fresh}\n"
    _old, mark, tail = rest.partition(ends)
    if not mark:
        raise ValueError(f"docs/performance.md: “{begins}” has no “{ends}”")
    return head + fresh + tail
