"""The targets set on metrics: a room above this wing says them by registration.

Targets stand on the scores, too, which this wing may not know; like what
stands beside a survey, they come in an app's `ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Goal:
    """One target on a metric: at least 95 %, and how it stood this morning.

    `tone` is that of a chip, `note` the days and the figure that was judged.
    """

    goal: str
    url: str
    state: str
    tone: str
    note: str
    is_urgent: bool


Goals = Mapping[str, Sequence[Goal]]
"""Slug of a metric -> its targets."""
Source = Callable[[HttpRequest, str], Goals]
_sources: list[Source] = []


def add_goals(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def goals_on(request: HttpRequest, segment: str) -> Goals:
    """Return the targets on metrics of one segment ("": of everybody) this user may see."""
    found: dict[str, list[Goal]] = {}
    for source in _sources:
        for slug, goals in source(request, segment).items():
            found.setdefault(slug, []).extend(goals)
    return found
