"""What needs a person now: each app says its own, the home page shows all of it.

Like the entries of the sidebar, sources come by registration in an app's
`ready`, so that a low layer need not be known by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do. `is_urgent` paints it as an alarm; `icon` as in Entry."""

    group: str
    title: str
    url: str
    note: str = ""
    icon: str = "info"
    is_urgent: bool = False
    order: int = 50


Source = Callable[[HttpRequest], Iterable[Need]]
_sources: list[Source] = []


def add_source(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def needs_of(request: HttpRequest) -> list[tuple[str, list[Need]]]:
    """Return (group, needs) for this user, urgent groups first; each source asks few queries."""
    found = [need for source in _sources for need in source(request)]
    groups: dict[str, list[Need]] = {}
    for need in sorted(found, key=lambda need: (not need.is_urgent, need.order)):
        groups.setdefault(need.group, []).append(need)
    return list(groups.items())


def address(name: str, query: str = "", *args: object) -> str:
    """Return the address of a staff page that may not be there in this installation."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return reverse("admin:index")
    return f"{found}?{query}" if query else found
