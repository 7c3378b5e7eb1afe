"""Where a number comes from: formula, counts in and out, interval, change."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics import figures
from analytics.scores.panels import inbox_url
from analytics.scores.shapes import Funnel, ScoreReport
from analytics.statistics.change import Change
from analytics.statistics.result import Result
from surveys.scales import Scale


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the count: what came in, what left and why, what counted."""

    what: str
    count: str
    url: str = ""
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    title: str
    formula: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    url: str


def explain_score(report: ScoreReport) -> Explanation:
    survey, period = report.survey, report.period
    behind = {"survey": survey.slug, **report.part.query}
    counted = Line(
        _("Answers counted"), figures.count_text(report.score.n), inbox_url(period, **behind), True
    )
    received = _("Answers received, %(days)s") % {
        "days": figures.days_text(period.start, period.last)
    }
    lines = [Line(received, figures.count_text(report.received))]
    if report.held:
        held = inbox_url(period, survey=survey.slug, show="held")
        lines.append(
            Line(_("Machine votes, held"), figures.MINUS + figures.count_text(report.held), held)
        )
    return Explanation(
        title=_definition(survey.scale),
        formula=score_formula(survey.scale, report.score),
        lines=(*lines, counted),
        notes=tuple(
            note for note in (interval_note(report.score), change_note(report.change)) if note
        ),
        url=counted.url,
    )


def _definition(scale: Scale) -> str:
    if scale.method == "nps":
        return _("Share of %(best)s minus share of %(worst)s") % {
            "best": _scores(scale.bands[0].scores),
            "worst": _scores(scale.bands[-1].scores),
        }
    if scale.method == "share":
        return _("Share of answers %(top)s on a scale of %(low)s to %(high)s") % {
            "top": _scores(scale.top),
            "low": scale.low,
            "high": scale.high,
        }
    return _("Mean of all scores, %(low)s to %(high)s") % {"low": scale.low, "high": scale.high}


def _scores(scores: tuple[int, ...]) -> str:
    low, high = min(scores), max(scores)
    return str(low) if low == high else f"{low}–{high}"


def score_formula(scale: Scale, result: Result) -> str:
    """Spell the calculation with its own counts; "" when the value is withheld."""
    if result.value is None:
        return ""
    value = figures.value_text(result.value, result.unit, is_exact=True)
    if scale.method == "nps":
        parts = {
            "best": _part(result.parts["promoters"], result.n),
            "worst": _part(result.parts["detractors"], result.n),
            "value": value,
        }
        return _("%(best)s − %(worst)s = %(value)s") % parts
    if scale.method == "share":
        return f"{_of(int(result.numerator or 0), result.n)} = {value}"
    total = figures.number(result.numerator or 0)
    return f"{total} ÷ {figures.count_text(result.n)} = {value}"


def _of(count: int, n: int) -> str:
    return _("%(count)s of %(n)s") % {
        "count": figures.count_text(count),
        "n": figures.count_text(n),
    }


def _part(count: int, n: int) -> str:
    return f"{_of(count, n)} ({figures.share_text(count / n, decimals=1)})"


def _methods() -> dict[str, str]:
    return {
        "tango score": _("score method (Tango)"),
        "wilson": _("score method (Wilson)"),
        "student t": _("Student’s t"),
        "newcombe": _("Newcombe’s method"),
        "adjusted wald +3": _("adjusted Wald test"),
        "welch t": _("Welch’s t test"),
    }


def interval_note(result: Result) -> str:
    if result.interval is None:
        return ""
    return _("Interval %(range)s, %(level)s, %(method)s.") % {
        "range": figures.interval_text(result, is_exact=True),
        "level": figures.share_text(result.interval.level),
        "method": _methods().get(result.interval.method, result.interval.method),
    }


def change_note(change: Change) -> str:
    if change.delta is None or change.low is None or change.high is None:
        return ""
    return _(
        "Change %(delta)s, likely %(low)s to %(high)s, p %(p)s, %(method)s, "
        "against %(n)s answers before."
    ) % {
        "delta": figures.delta_text(change.delta, change.unit, is_exact=True),
        "low": figures.delta_text(change.low, change.unit, is_exact=True),
        "high": figures.delta_text(change.high, change.unit, is_exact=True),
        "p": _p_text(change.p_value or 0.0),
        "method": _methods().get(change.method, change.method),
        "n": figures.count_text(change.n_before),
    }


def _p_text(p: float) -> str:
    least = figures.number(0.001, decimals=3)
    return _("under %s") % least if p < 0.001 else figures.number(p, decimals=3)


def explain_rate(funnel: Funnel) -> Explanation:
    """Explain the response rate: who was reached, who was not and why."""
    lines = [Line(_("Invitations sent"), figures.count_text(funnel.sent))]
    for what, count in ((_("Bounced"), funnel.bounced), (_("Doubtful"), funnel.doubtful)):
        if count:
            lines.append(Line(what, figures.MINUS + figures.count_text(count)))
    lines.append(Line(_("Delivered"), figures.count_text(funnel.delivered), is_total=True))
    rate = figures.share_text(funnel.rate.value or 0.0, decimals=1)
    return Explanation(
        title=_("Answered of delivered (AAPOR RR6)"),
        formula=f"{_of(funnel.answered, funnel.delivered)} = {rate}",
        lines=tuple(lines),
        notes=(
            interval_note(funnel.rate),
            _("Of those invited in this time, whenever they answered."),
        ),
        url="",
    )
