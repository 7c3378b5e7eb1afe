"""What else belongs on a survey's screen: rooms above this wing say it by registration.

Targets may be set on the facts about customers, too, so this wing may not
know them; like the needs of the home page, they come in an app's `ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from analytics.charts.lines import Mark
from analytics.periods import Period
from surveys.models import Survey


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence with its state: `tone` is that of a chip."""

    title: str
    url: str
    state: str
    tone: str
    note: str = ""
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Lines for the card of targets, and marks for the trend."""

    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()


Source = Callable[[HttpRequest, Survey, Period], Beside]
_sources: list[Source] = []


def add_beside(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def beside(request: HttpRequest, survey: Survey, period: Period) -> Beside:
    """Return everything said beside the numbers of a survey."""
    found: Iterable[Beside] = [source(request, survey, period) for source in _sources]
    return Beside(
        tuple(line for one in found for line in one.lines),
        tuple(mark for one in found for mark in one.marks),
    )
