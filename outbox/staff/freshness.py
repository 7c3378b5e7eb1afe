"""What staff are told about the copy of the database that reports read (outbox.replica)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.replica import Copy, seen

WORTH_SAYING = 5.0  # seconds


def copy_words() -> str:
    """Return how old the numbers of reports may be, or why the copy is left alone; else ""."""
    copy = seen()
    if copy is None:
        return ""
    return _numbers_are(copy) if copy.is_usable else copy_trouble(copy)


def _numbers_are(copy: Copy) -> str:
    if copy.age is None or copy.age < WORTH_SAYING:
        return ""
    seconds = round(copy.age)
    return ngettext(
        "Numbers and exports may be one second old: they are read from a copy of the database.",
        "Numbers and exports may be %(n)s seconds old: they are read from a copy of the database.",
        seconds,
    ) % {"n": seconds}


def copy_trouble(copy: Copy) -> str:
    """Return why reports read the main database."""
    match copy.state:
        case "late":
            if copy.age is None:
                return _("Numbers are up to date: the copy is behind, so the main one is read.")
            return _(
                "Numbers are up to date: the copy is %(n)s seconds behind, so the main database "
                "is read."
            ) % {"n": round(copy.age)}
        case "away":
            return _(
                "Numbers are up to date: the copy does not answer, so the main database is read."
            )
        case "no copy":
            return _(
                "Numbers are up to date: REPLICA_URL is no copy of this database, so the main one "
                "is read."
            )
    return ""
