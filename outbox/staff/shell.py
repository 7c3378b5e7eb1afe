"""The sidebar around every staff page: each app registers its own entries.

A low layer cannot name a page of a high one, so entries come by
registration (in an app's `ready`) and are sorted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from outbox.staff.badges import Badge, Counted, badges
from outbox.staff.freshness import copy_words
from outbox.staff.people import name_of

GROUPS = {
    "": "",
    "understand": _("Understand"),
    "ask": _("Ask"),
    "run": _("Run"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar. `icon` is the id of a symbol in static/staff/icons.svg."""

    group: str
    order: int
    label: str | Promise
    url_name: str
    icon: str
    permission: str = ""
    counted: Counted | None = None
    # More addresses under which this entry is the current one, e.g. "/admin/surveys/".
    covers: tuple[str, ...] = ()


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


Groups = tuple[tuple[str, tuple[ShownEntry, ...]], ...]


def sidebar(request: HttpRequest) -> Groups:
    """Return (group title, entries) for this user, in order; hashable, for it is drawn once."""
    allowed = [entry for entry in _entries if _may_see(entry, request)]
    visible = [(entry, url) for entry in allowed if (url := address_of(entry))]
    current = _current(visible, request.path)
    beside = badges([entry.counted for entry in allowed if entry.counted])
    shown = []
    for group, title in GROUPS.items():
        entries = tuple(
            ShownEntry(
                str(entry.label),
                url,
                entry.icon,
                entry is current,
                beside.get(entry.counted) if entry.counted else None,
            )
            for entry, url in sorted(visible, key=lambda pair: pair[0].order)
            if entry.group == group
        )
        if entries:
            shown.append((str(title), entries))
    return tuple(shown)


def address_of(entry: Entry) -> str:
    """Return the entry's address, "" when its page is not installed: no reason to fail all pages.

    tests/outbox/test_shell.py holds that every entry of the product has one.
    """
    try:
        return _looked_up(entry.url_name, get_urlconf(), get_script_prefix())
    except NoReverseMatch:
        return ""


@cache
def _looked_up(url_name: str, urlconf: str | None, prefix: str) -> str:
    """Look an address up once: every staff page names all of them."""
    return reverse(url_name)


def _may_see(entry: Entry, request: HttpRequest) -> bool:
    return not entry.permission or request.user.has_perm(entry.permission)


def _current(entries: list[tuple[Entry, str]], path: str) -> Entry | None:
    """Return the entry whose address is the longest beginning of `path`."""
    home = reverse("admin:index")
    matches = [
        (len(prefix), entry)
        for entry, url in entries
        for prefix in (url, *entry.covers)
        if (path == prefix if prefix == home else path.startswith(prefix))
    ]
    return max(matches, key=lambda match: match[0], default=(0, None))[1]


@dataclass(frozen=True, slots=True)
class Me:
    """Whoever is logged in, as the account menu shows them."""

    name: str
    email: str
    initials: str


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    is_current: bool


def _me(user: Any) -> Me:
    name = name_of(user)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    return Me(name, user.email, initials)


def _languages() -> list[Language]:
    current = get_language() or settings.LANGUAGE_CODE
    return [Language(code, name, code == current) for code, name in settings.LANGUAGES]


STAFF_PREFIXES = ("/admin/", "/accounts/")


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the shell around a staff page shows, for staff pages only."""
    user = getattr(request, "user", None)
    if not request.path.startswith(STAFF_PREFIXES):
        return {}
    if not user or not user.is_staff:
        return {"languages": _languages()}
    return {
        "sidebar": sidebar(request),
        "me": _me(user),
        "languages": _languages(),
        "copy_words": copy_words(),
    }
