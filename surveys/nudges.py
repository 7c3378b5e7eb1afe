"""What a reminder says besides the question: since when, until when, and whether it is the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Nudge:
    """What a reminder says besides: when we asked, until when, and whether it is the last one."""

    asked_date: date
    open_until: date
    is_last: bool
    is_only: bool


def preheader(nudge: Nudge | None) -> str:
    if nudge is None:
        return _("It takes about ten seconds.")
    day = date_format(nudge.open_until, "DATE_FORMAT")
    words = _("One question, open until %(day)s.") % {"day": day}
    return f"{words} {_('We will not remind you again.')}" if nudge.is_last else words


def explanation(nudge: Nudge) -> str:
    day = date_format(nudge.asked_date, "DATE_FORMAT")
    asked = _("We asked on %(day)s and would still like to know.") % {"day": day}
    if nudge.is_only:
        return f"{asked} {_('It takes about ten seconds, and this is our only reminder.')}"
    if nudge.is_last:
        return f"{asked} {_('It takes about ten seconds, and this is our last reminder.')}"
    return f"{asked} {_('It takes about ten seconds.')}"
