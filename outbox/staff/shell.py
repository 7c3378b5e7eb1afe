"""The sidebar around every staff page: each app registers its own entries.

A low layer cannot name a page of a high one, so entries come by
registration (in an app's `ready`) and are sorted here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

GROUPS = {
    "": "",
    "understand": _("Understand"),
    "ask": _("Ask"),
    "run": _("Run"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A count beside an entry; `is_hot` when a person must act."""

    text: str
    is_hot: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar. `icon` is an id in templates/staff/icons."""

    group: str
    order: int
    label: str
    url_name: str
    icon: str
    permission: str = ""
    badge: Callable[[], Badge | None] | None = None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    label: str
    url: str
    icon: str
    is_current: bool
    badge: Badge | None


_entries: list[Entry] = []


def add_entry(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def sidebar(request: HttpRequest) -> list[tuple[str, list[ShownEntry]]]:
    """Return (group title, entries) for this user, in order."""
    shown: list[tuple[str, list[ShownEntry]]] = []
    for group, title in GROUPS.items():
        entries = [
            _shown(entry, request)
            for entry in sorted(_entries, key=lambda entry: entry.order)
            if entry.group == group and _may_see(entry, request)
        ]
        if entries:
            shown.append((str(title), entries))
    return shown


def _may_see(entry: Entry, request: HttpRequest) -> bool:
    return not entry.permission or request.user.has_perm(entry.permission)


def _shown(entry: Entry, request: HttpRequest) -> ShownEntry:
    url = reverse(entry.url_name)
    is_home = url == reverse("admin:index")
    is_current = request.path == url if is_home else request.path.startswith(url)
    return ShownEntry(
        str(entry.label), url, entry.icon, is_current, entry.badge() if entry.badge else None
    )


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the sidebar, for staff pages only."""
    user = getattr(request, "user", None)
    if not request.path.startswith("/admin/") or not user or not user.is_staff:
        return {}
    return {"sidebar": sidebar(request)}
