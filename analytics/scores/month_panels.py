"""Months made ready for the page: as they are, as they were closed, and what moved them since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.dateformat import format as date_text
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.periods import today
from analytics.scores.months import Month, Restated
from analytics.scores.panels import inbox_url
from analytics.statistics.result import Result
from surveys.models import Survey


def month_rows(survey: Survey, months: Sequence[Month]) -> list[dict[str, Any]]:
    """Return the table of months, newest first, each row leading to its answers."""
    return [
        {
            "name": name_of(month),
            "score": figures.score_view(month.score),
            "url": inbox_url(month.period, survey=survey.slug),
            "closed": closed_words(month),
            "is_restated": month.restated is not None,
            "title": _closed_title(month),
        }
        for month in reversed(months)
    ]


def name_of(month: Month) -> str:
    # Translators: month and year, see Django's date format letters.
    return date_text(month.period.start, _("F Y"))


def months_finding(months: Sequence[Month]) -> str:
    """Say whether a closed month reads otherwise today than when it was closed."""
    moved = [month for month in months if month.restated]
    if len(moved) == 1:
        return _("%(month)s was restated after it was closed") % {"month": name_of(moved[0])}
    if moved:
        count = figures.count_text(len(moved))
        return _("%(n)s closed months were restated") % {"n": count}
    if any(month.closed for month in months):
        return _("Closed months read as when they were closed")
    return _("No month is closed yet")


def closed_words(month: Month) -> str:
    """Say what a month was closed at, and what moved it since."""
    if month.closed is None:
        if month.period.stop > today():
            return _("not over")
        day = figures.day_text(month.closes_on, has_year=False)
        return _("settles until %(day)s") % {"day": day}
    closed = _closed_words(month.closed)
    if month.restated is None:
        return closed
    return _("%(closed)s, restated to %(now)s by %(why)s") % {
        "closed": closed,
        "now": _now(month, month.restated),
        "why": why_words(month.restated),
    }


def _closed_words(closed: Result) -> str:
    n = figures.count_text(closed.n)
    if not closed.n:
        return _("closed without answers")
    if closed.value is None:
        return _("closed with too few answers to say (n %(n)s)") % {"n": n}
    text = figures.value_text(closed.value, closed.unit)
    return _("closed at %(score)s (n %(n)s)") % {"score": text, "n": n}


def _now(month: Month, moved: Restated) -> str:
    result, delta = month.score, moved.delta
    if result.value is None:
        return _("too few to say")
    shown = figures.value_text(result.value, result.unit)
    if delta is None:
        return shown
    steps = 100 * abs(delta) if result.unit == "fraction" else abs(delta)
    is_exact = steps < 1 or result.unit == "mean"
    return f"{shown} ({figures.delta_text(delta, result.unit, is_exact=is_exact)})"


def why_words(moved: Restated) -> str:
    """Name what moved a closed month: 3 later answers, one held as a machine's."""
    said = [
        (moved.later, ngettext("one later answer", "%(n)s later answers", moved.later)),
        (moved.erased, ngettext("one erased answer", "%(n)s erased answers", moved.erased)),
        (
            moved.held,
            ngettext(
                "one answer held as a machine’s", "%(n)s answers held as a machine’s", moved.held
            ),
        ),
        (moved.restored, ngettext("one restored answer", "%(n)s restored answers", moved.restored)),
        (moved.changed, ngettext("one changed answer", "%(n)s changed answers", moved.changed)),
    ]
    named = [words % {"n": figures.count_text(n)} for n, words in said if n]
    return ", ".join(named) or _("other answers")


def _closed_title(month: Month) -> str:
    """Say when a month was closed, and by which definition."""
    if month.snapshot is None:
        return ""
    return _("Closed on %(day)s, definition %(version)s") % {
        "day": figures.day_text(month.snapshot.closed_at.date(), has_year=True),
        "version": month.snapshot.definition_version,
    }
