"""What the numbers say, as sentences: computed from the reports, never invented.

"No clear change" is a finding, too. Whole sentences with places to fill in, so
that they can be translated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.figures import count_text, day_text, delta_text, share_text, value_text
from analytics.scores.shapes import (
    Funnel,
    HomeReport,
    HomeRow,
    ScoreCount,
    SegmentReport,
    SentimentSplit,
    ThemeReport,
    Trend,
)
from analytics.statistics.change import Change
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.result import Result


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """A change in words; `kind` picks sign and colour: only "up" and "down" are real."""

    kind: Literal["up", "down", "unclear", "few", "none"]
    text: str
    likely: str = ""


def change_words(change: Change) -> ChangeWords:
    """Say whether it moved: up 12, real; no clear change; or too few to compare."""
    if change.delta is None:
        if change.n_after and not change.n_before:
            return ChangeWords("none", _("nothing before to compare with"))
        return ChangeWords("none", "")
    if not may_show_arrow(change.n_before, change.n_after):
        counts = {"before": count_text(change.n_before), "now": count_text(change.n_after)}
        return ChangeWords(
            "few",
            _("too few to compare"),
            _("%(before)s answers before, %(now)s now") % counts,
        )
    likely = _likely(change)
    if not change.direction:
        moved = delta_text(change.delta, change.unit)
        words = _("%(delta)s, likely %(range)s") % {"delta": moved, "range": likely}
        return ChangeWords("unclear", _("no clear change"), words)
    size = delta_text(abs(change.delta), change.unit, is_signed=False)
    words = _("likely %(range)s") % {"range": likely}
    if change.direction > 0:
        return ChangeWords("up", _("up %(size)s, real") % {"size": size}, words)
    return ChangeWords("down", _("down %(size)s, real") % {"size": size}, words)


def _likely(change: Change) -> str:
    if change.low is None or change.high is None:
        return ""
    bounds = {
        "low": delta_text(change.low, change.unit),
        "high": delta_text(change.high, change.unit),
    }
    return _("%(low)s to %(high)s") % bounds


def home_headline(report: HomeReport, *, waiting: int) -> str:
    """Return the sentence at the top of the home page."""
    words = [(row, change_words(row.headline.change).kind) for row in report.rows]
    fell = [row for row, kind in words if kind == "down"]
    rose = [row for row, kind in words if kind == "up"]
    sentences = [_fell(fell), _rose(rose)]
    if not fell and not rose:
        has_scores = any(row.headline.score.value is not None for row in report.rows)
        sentences.append(
            _("No score really moved.") if has_scores else _("There are too few answers to say.")
        )
    if waiting:
        sentences.append(
            ngettext("One thing needs someone now.", "%(n)s things need someone now.", waiting)
            % {"n": count_text(waiting)}
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _fell(rows: Sequence[HomeRow]) -> str:
    if not rows:
        return ""
    if len(rows) == 1:
        return _("%(survey)s really fell.") % {"survey": rows[0].headline.survey.name}
    return _("%(n)s scores really fell.") % {"n": count_text(len(rows))}


def _rose(rows: Sequence[HomeRow]) -> str:
    if not rows:
        return ""
    if len(rows) == 1:
        return _("%(survey)s really rose.") % {"survey": rows[0].headline.survey.name}
    return _("%(n)s scores really rose.") % {"n": count_text(len(rows))}


# The nearest everyday fraction, each with its own sentence so that it can be translated.
_PARTS = (
    (0.0, lambda: _("Nobody of the people reached has answered yet")),
    (0.05, lambda: _("About one in twenty people reached answered")),
    (0.1, lambda: _("About one in ten people reached answered")),
    (0.2, lambda: _("About one in five people reached answered")),
    (0.25, lambda: _("About one in four people reached answered")),
    (1 / 3, lambda: _("About a third of the people reached answered")),
    (0.5, lambda: _("About half of the people reached answered")),
    (2 / 3, lambda: _("About two thirds of the people reached answered")),
    (0.75, lambda: _("About three in four people reached answered")),
    (1.0, lambda: _("Nearly everybody reached answered")),
)


def funnel_finding(funnel: Funnel | None) -> str:
    """Say which part of the people reached answered."""
    if funnel is None or funnel.rate.value is None:
        return _("Nobody was invited in this time")
    rate = float(funnel.rate.value)
    if 0 < rate < 0.035:
        return _("Few of the people reached answered")
    _nearest, sentence = min(_PARTS, key=lambda part: abs(part[0] - rate))
    return sentence()


def distribution_finding(scores: Sequence[ScoreCount], n: int) -> str:
    """Say what most people answer."""
    if not n:
        return _("No answers in this time")
    top = max(scores, key=lambda item: (item.count, item.score))
    share = share_text(top.count / n)
    return _("%(share)s of all answers are “%(score)s”") % {"share": share, "score": top.label}


def trend_finding(trend: Trend, change: Change) -> str:
    """Say whether a lasting move was noticed, else how the period compares."""
    if trend.alarms:
        point, alarm = trend.alarms[-1]
        since = trend.points[alarm.since].start if alarm.since < len(trend.points) else point.start
        day = {"day": day_text(since)}
        if alarm.direction == "down":
            return _("A lasting fall since the week of %(day)s") % day
        return _("A lasting rise since the week of %(day)s") % day
    if len([point for point in trend.points if point.result.value is not None]) < 3:
        return _("Too few weeks for a trend")
    words = change_words(change)
    size = delta_text(abs(change.delta or 0.0), change.unit, is_signed=False)
    if words.kind == "up":
        return _("%(size)s higher than the period before") % {"size": size}
    if words.kind == "down":
        return _("%(size)s lower than the period before") % {"size": size}
    return _("No lasting rise or fall")


def clear_themes(themes: Sequence[ThemeReport]) -> list[ThemeReport]:
    """Return the themes whose effect is real and named often enough to trust."""
    return [theme for theme in themes if theme.impact.is_real and theme.impact.interval]


def themes_finding(themes: Sequence[ThemeReport], comments: int) -> str:
    """Say which theme goes with the worst (else the best) scores."""
    if not comments:
        return _("No comments in this time")
    if not themes:
        return _("No theme recognised in these comments yet")
    clear = clear_themes(themes)
    worst = min(clear, key=lambda theme: theme.impact.impact or 0.0, default=None)
    best = max(clear, key=lambda theme: theme.impact.impact or 0.0, default=None)
    if worst and (worst.impact.impact or 0.0) < 0:
        return _("%(theme)s pulls the score down most") % {"theme": worst.name}
    if best:
        return _("%(theme)s lifts the score most") % {"theme": best.name}
    most = max(themes, key=lambda theme: theme.count)
    return _("%(theme)s is named most; no theme clearly moves the score") % {"theme": most.name}


def sentiment_finding(split: SentimentSplit) -> str:
    """Say how the comments speak, of those that could be read."""
    read = split.comments - split.counts["unscored"]
    if not read:
        return _("No comment could be read in this time")
    return _("%(good)s of comments are positive, %(bad)s negative") % {
        "good": share_text(split.counts["positive"] / read),
        "bad": share_text(split.counts["negative"] / read),
    }


def segments_finding(segments: Sequence[SegmentReport]) -> str:
    """Say which segment differs from the rest."""
    real = [segment for segment in segments if segment.is_real and segment.against_rest.delta]
    if not real:
        return _("No clear difference between segments")
    lowest = min(real, key=lambda segment: segment.against_rest.delta or 0.0)
    delta = lowest.against_rest.delta or 0.0
    if delta < 0:
        return _("%(segment)s scores lower than the rest") % {"segment": lowest.name}
    best = max(real, key=lambda segment: segment.against_rest.delta or 0.0)
    return _("%(segment)s scores higher than the rest") % {"segment": best.name}


def segment_sentence(segment: SegmentReport) -> str:
    """Return the comparison of a segment with all the others together, or ""."""
    change = segment.against_rest
    if change.delta is None or not segment.is_real:
        return ""
    return _("%(segment)s against the rest: %(delta)s, likely %(range)s, real.") % {
        "segment": segment.name,
        "delta": delta_text(change.delta, change.unit),
        "range": _likely(change),
    }


def held_sentence(held: int, counted: Result, with_held: Result) -> str:
    """Say what the held machine votes would have changed."""
    if not held:
        return ""
    count = ngettext("One machine vote is held.", "%(n)s machine votes are held.", held) % {
        "n": count_text(held)
    }
    if counted.value is None or with_held.value is None:
        return count
    return (
        count
        + " "
        + _("Counted, the score would read %(would)s, not %(is)s.")
        % {
            "would": value_text(with_held.value, with_held.unit),
            "is": value_text(counted.value, counted.unit),
        }
    )
