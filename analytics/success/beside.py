"""What else belongs on the page of an account: rooms above this wing say it by registration.

Warning signs and tasks stand on this wing, which may not know them; like the
targets on metrics, they come in an app's `ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from analytics.success.moments import Moment
from surveys.models import Customer


@dataclass(frozen=True, slots=True)
class Panel:
    """A card beside the account: a template, and what it shows under the name `panel`."""

    template: str
    shows: Mapping[str, Any]
    order: int = 50


Panels = Callable[[HttpRequest, Customer], Iterable[Panel]]
Moments = Callable[[Customer], Iterable[Moment]]
_panels: list[Panels] = []
_moments: list[Moments] = []


def add_panels(source: Panels) -> None:
    if source not in _panels:
        _panels.append(source)


def add_moments(source: Moments) -> None:
    if source not in _moments:
        _moments.append(source)


def panels_of(request: HttpRequest, customer: Customer) -> list[Panel]:
    """Return what this user may see beside an account, in order."""
    found = [panel for source in _panels for panel in source(request, customer)]
    return sorted(found, key=lambda panel: panel.order)


def more_moments(customer: Customer) -> list[Moment]:
    """Return what other rooms tell of an account's past."""
    return [moment for source in _moments for moment in source(customer)]
