"""A report as a document: every word and number of it, once, for HTML and PDF alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.lines import TrendDrawing
from analytics.digests import words
from analytics.digests.drawing import PAPER_WIDTH, trend_alt, trend_drawing
from analytics.digests.models import ReportFile
from analytics.digests.scope import page_address, part_of, window_of
from analytics.periods import Period
from analytics.scores import findings
from analytics.scores import survey_panels as parts
from analytics.scores import theme_panels as themes
from analytics.scores.combining import TooMany
from analytics.scores.explain import Explanation, explain_rate, explain_score
from analytics.scores.filtering import filter_options, part_words
from analytics.scores.reports import survey_report
from analytics.scores.shapes import SurveyReport
from analytics.statistics.guards import PRIVATE_BELOW
from surveys.languages import direction_of


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of ready words; all columns but the first are numbers. `bars`: 0..1 a row, or none."""

    title: str
    finding: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[float, ...] = ()
    note: str = ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the rows for a template: cells, and the length of the bar in percent."""
        bars = [f"{100 * bar:.1f}" for bar in self.bars] or [""] * len(self.rows)
        return [{"cells": cells, "bar": bar} for cells, bar in zip(self.rows, bars, strict=True)]


@dataclass(frozen=True, slots=True)
class Note:
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a report shows. `problem` says why there are no numbers, "" when there are."""

    language: str
    direction: str
    title: str
    about: str
    made: str
    url: str
    score: str
    score_words: str
    is_grey: bool
    change: str
    change_words: str
    held: str
    trend: TrendDrawing | None
    trend_finding: str
    trend_alt: str
    tables: tuple[Table, ...]
    notes: tuple[Note, ...]
    problem: str = ""

    @property
    def summary(self) -> str:
        """Return the score in one line, for the mail it comes with."""
        score = f"{self.score} ({self.score_words})" if self.score else self.score_words
        return ", ".join(part for part in (score, self.change) if part) or self.problem

    @property
    def texts(self) -> list[str]:
        """Return every text of it, to see which letters are needed."""
        told = [self.title, self.about, self.change, self.trend_finding, self.held, self.problem]
        for table in self.tables:
            told += [
                table.title,
                table.finding,
                *table.columns,
                *(c for r in table.rows for c in r),
            ]
        return told + [text for note in self.notes for text in (note.title, *note.lines)]


def document_of(file: ReportFile) -> Document:
    """Return the document of a file in the language in force.

    UnknownPart when the filter names what is gone. A filter that combines
    too many answers is said in the document.
    """
    report = file.report
    news = Period(file.start, file.stop)
    window, part = window_of(report.window, news), part_of(report.filters)
    made, url = timezone.localtime(file.created_at), page_address(report.survey, window, part)
    about = [report.survey.name, str(report.survey.scale.name), words.days_words(window)]
    about += [name for _wish, name in part_words(part, filter_options())] if part.query else []
    try:
        found = survey_report(report.survey, window, part=part)
    except TooMany as error:
        return _empty(report.name, about, made, url, _too_many(error))
    head = found.headline
    view, change = figures.score_view(head.score), findings.change_words(head.change)
    return Document(
        **_frame(report.name, about, made, url),
        score=view["text"],
        score_words=" · ".join(word for word in (words.likely_words(head), view["words"]) if word),
        is_grey=view["is_grey"],
        change=_arrow(change.kind) + change.text,
        change_words=change.likely,
        held=findings.held_sentence(head.held, head.score, head.with_held),
        trend=trend_drawing(head, found.trend, width=PAPER_WIDTH),
        trend_finding=findings.trend_finding(found.trend, head.change),
        trend_alt=trend_alt(found.trend),
        tables=tuple(table for table in _tables(found) if table.rows),
        notes=_notes(found),
    )


def _frame(title: str, about: Sequence[str], made: datetime, url: str) -> dict[str, str]:
    language = get_language() or "en"
    return {
        "language": language,
        "direction": direction_of(language),
        "title": title,
        "about": " · ".join(about),
        "made": _("Made %(moment)s") % {"moment": date_format(made, "DATETIME_FORMAT")},
        "url": url,
    }


def _empty(title: str, about: Sequence[str], made: datetime, url: str, problem: str) -> Document:
    return Document(
        **_frame(title, about, made, url),
        score="", score_words="", is_grey=False, change="", change_words="", held="",
        trend=None, trend_finding="", trend_alt="", tables=(), notes=(), problem=problem,
    )  # fmt: skip


def _too_many(error: TooMany) -> str:
    return _(
        "These filters together may hold %(n)s answers; at most %(most)s are combined. Take one "
        "filter away or shorten the time."
    ) % {"n": figures.count_text(error.count), "most": figures.count_text(error.limit)}


def _arrow(kind: str) -> str:
    return {"up": "▲ ", "down": "▼ "}.get(kind, "")


# ---- Tables ----------------------------------------------------------------------------------


def _tables(report: SurveyReport) -> list[Table]:
    return [
        _distribution(report),
        _bands(report),
        _funnel(report),
        _themes(report),
        _sentiment(report),
        _segments(report),
        _weeks(report),
    ]


def _distribution(report: SurveyReport) -> Table:
    bars = parts.distribution_bars(report)
    most = max((item.count for item in report.distribution), default=0) or 1
    return Table(
        _("Answers by score"),
        findings.distribution_finding(report.distribution, report.score.n),
        (_("Score"), _("Answers"), _("Share")),
        tuple((bar["label"], bar["count"], bar["share"]) for bar in bars),
        bars=tuple(item.count / most for item in report.distribution),
    )


def _bands(report: SurveyReport) -> Table:
    return Table(
        _("Bands"),
        "",
        (_("Band"), _("Answers"), _("Share"), _("Likely")),
        tuple(
            (
                f"{row['name']} ({row['scores']})",
                row["count"],
                row["share"],
                figures.interval_text(item.share),
            )
            for row, item in zip(parts.band_rows(report), report.bands, strict=True)
        ),
    )


def _funnel(report: SurveyReport) -> Table:
    columns = (_("Step"), _("People"), "")
    if report.funnel is None:
        return Table(_("Response rate"), "", columns, ())
    steps = parts.funnel_steps(report.funnel, report.headline)
    counts = parts.step_counts(report.funnel).values()
    sent = report.funnel.sent or 1
    return Table(
        _("Response rate"),
        findings.funnel_finding(report.funnel),
        columns,
        tuple((step.name, step.count, step.note) for step in steps),
        bars=tuple(count / sent for count in counts),
    )


def _themes(report: SurveyReport) -> Table:
    rows = themes.theme_rows(report, chosen="")
    listed = {theme.slug for theme in report.themes or () if theme.count >= PRIVATE_BELOW}
    rare = sum(row.slug not in listed for row in rows)
    comments = report.sentiment.comments if report.sentiment else 0
    return Table(
        _("Themes"),
        findings.themes_finding(report.themes or (), comments),
        (_("Theme"), _("Comments"), _("Share"), _("Against before"), _("Score"), _("Difference")),
        tuple(
            (
                row.name,
                row.count,
                row.share,
                row.moved,
                row.score["text"] or row.score["words"],
                f"{row.difference} {row.margin}".strip() if row.margin else "",
            )
            for row in rows
            if row.slug in listed
        ),
        note=" ".join(part for part in (_difference_words(), _rare_words(rare)) if part),
    )


def _difference_words() -> str:
    return _(
        "Difference: score of those who name the theme minus that of the others. It goes with "
        "the theme; that the theme causes it is not shown."
    )


def _rare_words(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(n)s more theme was named fewer than five times.",
        "%(n)s more themes were named fewer than five times.",
        count,
    ) % {"n": figures.count_text(count)}


def _sentiment(report: SurveyReport) -> Table:
    columns = (_("Sentiment"), _("Comments"), _("Share"))
    split = report.sentiment
    if split is None or not split.comments:
        return Table(_("Sentiment of comments"), "", columns, ())
    bars = parts.sentiment_bars(report, split)
    return Table(
        _("Sentiment of comments"),
        findings.sentiment_finding(split),
        columns,
        tuple((bar["name"], bar["count"], bar["share"]) for bar in bars),
    )


def _segments(report: SurveyReport) -> Table:
    rows = parts.segment_rows(report)
    return Table(
        _("Segments side by side"),
        findings.segments_finding(report.segments),
        (_("Segment"), _("Score"), _("Likely"), _("Answers")),
        tuple(
            (
                row["name"],
                row["score"]["text"] or row["score"]["words"],
                row["score"]["interval"],
                row["score"]["n"],
            )
            for row in rows["rows"]
        ),
        note=" ".join(rows["sentences"]),
    )


def _weeks(report: SurveyReport) -> Table:
    return Table(
        _("Score by week"),
        "",
        (_("Week"), _("Score"), _("Likely"), _("Answers")),
        tuple(
            (
                row["days"],
                row["score"]["text"] or row["score"]["words"],
                row["score"]["interval"],
                row["n"],
            )
            for row in parts.trend_rows(report)
        ),
        note=_("Weeks with fewer than ten answers are put together with the next."),
    )


# ---- Where the numbers come from -------------------------------------------------------------


def _notes(report: SurveyReport) -> tuple[Note, ...]:
    found = [_note(explain_score(report.headline))]
    if report.funnel:
        found.append(_note(explain_rate(report.funnel)))
    reading = (
        _("“Likely” is the range in which the true value lies with a probability of 95 %."),
        _("“Real” means chance alone rarely makes a move this big (5 %)."),
        _("Under five answers nothing is shown; under ten a number is only indicative."),
    )
    return (*found, Note(_("How to read this"), reading))


def _note(told: Explanation) -> Note:
    counts = tuple(f"{line.what}: {line.count}" for line in told.lines)
    return Note(told.title, tuple(line for line in (told.formula, *counts, *told.notes) if line))
