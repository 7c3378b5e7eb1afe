"""What a comparison says, as sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.figures import count_text, delta_text
from analytics.scores.comparison import Comparison, GroupDifference, MixReport
from analytics.scores.grouping import CHANNEL
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.result import Unit


def heading(found: Comparison, a: str, b: str) -> str:
    """State the finding: who scores higher, and whether that is real."""
    change = found.change
    if change.delta is None:
        return _("Nothing to compare: one side has no answers")
    if not may_show_arrow(change.n_before, change.n_after):
        return _("Too few answers to compare")
    if not found.is_tested:
        return _("%(a)s and %(b)s share answers") % {"a": a, "b": b}
    if not found.is_real:
        return _("No clear difference between %(a)s and %(b)s") % {"a": a, "b": b}
    words = {
        "a": a,
        "b": b,
        "size": delta_text(abs(change.delta), change.unit, is_signed=False),
    }
    if change.delta > 0:
        return _("%(b)s scores %(size)s higher than %(a)s") % words
    return _("%(b)s scores %(size)s lower than %(a)s") % words


def shared_sentence(found: Comparison) -> str:
    if found.shared == 0:
        return ""
    if found.shared is None:
        return _("Both sides may share answers, so the difference is not tested.")
    words = ngettext(
        "One answer is on both sides, so the difference is not tested.",
        "%(n)s answers are on both sides, so the difference is not tested.",
        found.shared,
    )
    return words % {"n": count_text(found.shared)}


def grouping_name(report: MixReport) -> str:
    by = report.grouping.by
    return _("channel") if by == CHANNEL else by


def mix_finding(report: MixReport, unit: Unit) -> str:
    """Say whether the score differs because other people answered or because they answer
    differently."""
    whole, by = report.whole, grouping_name(report)
    words = {
        "by": by,
        "total": delta_text(whole.total, unit, is_exact=True),
        "mix": delta_text(whole.mix, unit, is_exact=True),
        "within": delta_text(whole.within, unit, is_exact=True),
    }
    if _is_against(report):
        if whole.total < 0:
            return _("Lower because other people answered: inside the groups by %(by)s it rose") % (
                words
            )
        return _("Higher because other people answered: inside the groups by %(by)s it fell") % (
            words
        )
    if abs(whole.mix) > abs(whole.within):
        return _("Mostly who answered, by %(by)s") % words
    return _("Mostly how people answered, not who, by %(by)s") % words


def _is_against(report: MixReport) -> bool:
    whole = report.whole
    return whole.mix * whole.within < 0 and whole.total * whole.within < 0


def mix_sentence(report: MixReport, unit: Unit) -> str:
    whole = report.whole
    text = _(
        "Of the difference of %(total)s, %(mix)s come from who answered (the shares of the "
        "groups moved) and %(within)s from how they answered (scores inside the groups moved)."
    ) % {
        "total": delta_text(whole.total, unit, is_exact=True),
        "mix": delta_text(whole.mix, unit, is_exact=True),
        "within": delta_text(whole.within, unit, is_exact=True),
    }
    return f"{text} {_everywhere(report.rows)}".strip()


def _everywhere(rows: tuple[GroupDifference, ...]) -> str:
    """Say when every group moved the same way."""
    both = [row for row in rows if row.a.value is not None and row.b.value is not None]
    if len(both) < 2 or len(both) < len(rows):
        return ""
    if all(row.within > 0 for row in both):
        return _("Inside every group B is higher.")
    if all(row.within < 0 for row in both):
        return _("Inside every group B is lower.")
    return ""
