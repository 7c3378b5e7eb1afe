"""What `make run` says, plainly and only once; in colour where a person is looking."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_BOLD, _DIM, _GREEN, _RED = "1", "2", "32", "31"


class Terminal:
    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output or sys.stdout
        self._is_live = self._output.isatty() and os.environ.get("TERM") != "dumb"
        self._has_color = self._is_live and "NO_COLOR" not in os.environ

    def _paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._has_color else text

    def _say(self, text: str = "", *, end: str = "\n") -> None:
        print(text, end=end, file=self._output, flush=True)

    def title(self, text: str) -> None:
        self._say(f"\n  {self._paint(text, _BOLD)}\n")

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Show one step while it runs and its outcome after; the block adds words to the list."""
        said: list[str] = []
        if self._is_live:
            self._say(f"  {self._paint('·', _DIM)} {name} …", end="\r")
        yield said
        self._say(f"  {self._paint('✓', _GREEN)} {name:<14}{self._paint(' '.join(said), _DIM)}")

    def facts(self, facts: list[tuple[str, str, str]]) -> None:
        """Show name, value and a remark, aligned."""
        self._say()
        for name, value, remark in facts:
            note = f"   {self._paint(remark, _DIM)}" if remark else ""
            self._say(f"  {self._paint(f'{name:<10}', _DIM)}{self._paint(value, _BOLD)}{note}")
        self._say()

    def note(self, text: str) -> None:
        self._say(f"  {text}")

    def trouble(self, what: str, remedy: str) -> None:
        """Say what is wrong and what to do, on two lines."""
        self._say(f"\n  {self._paint('✗', _RED)} {self._paint(what, _BOLD)}\n    {remedy}\n")
