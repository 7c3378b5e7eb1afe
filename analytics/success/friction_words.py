"""Rage clicks and errors in words: what kind, where, how often, and whether more than before."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.statistics.result import Result
from analytics.success import words
from analytics.success.metrics.friction import ERROR, RAGE_CLICK, Spot


def kind_words(kind: str) -> str:
    return {RAGE_CLICK: _("rage click"), ERROR: _("error")}.get(kind, _("use"))


def place_words(place: str) -> str:
    return place or _("place not told")


def counted(clicks: int, errors: int) -> str:
    """Return 5 rage clicks, 1 error; "" for neither."""
    said = []
    if clicks:
        told = ngettext("%(n)s rage click", "%(n)s rage clicks", clicks)
        said.append(told % {"n": figures.count_text(clicks)})
    if errors:
        told = ngettext("%(n)s error", "%(n)s errors", errors)
        said.append(told % {"n": figures.count_text(errors)})
    return ", ".join(said)


def share_words(result: Result) -> str:
    """Return 3.1 % (1.6 … 5.8 %); a dash where there is none."""
    if result.value is None:
        return "–"
    return f"{words.value(result.value, 'fraction')} ({words.interval(result)})"


def before_words(spot: Spot) -> str:
    """Return the share of the span before, with what is clear about the change."""
    if spot.before is None or spot.before.value is None:
        return "–"
    told = words.value(spot.before.value, "fraction")
    if not spot.is_clear or spot.change is None or not spot.change.direction:
        return told
    more, less = _("%(share)s, clearly more now"), _("%(share)s, clearly less now")
    return (more if spot.change.direction > 0 else less) % {"share": told}


def tone_of(spot: Spot) -> str:
    if not spot.is_clear or spot.change is None:
        return ""
    return {1: "negative", -1: "positive"}.get(spot.change.direction, "")
