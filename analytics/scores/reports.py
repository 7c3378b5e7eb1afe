"""The numbers behind every page: read the tallies, ask the statistics, hand over frozen reports.

The dashboard, the API and digests all call these three functions, so a number
is computed in one place. The number of queries does not grow with answers.

Reports of whole surveys are kept in memory while the tallies they were made of
stand: every recount draws a new stamp in its own transaction, and the stamp is
read before the tallies, so that what is kept is never older than its stamp.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from analytics.periods import Period
from analytics.scores import combining, queries
from analytics.scores.composing import (
    band_counts,
    channel_mix,
    funnel_from,
    headline_of,
    labelled,
    score_counts,
    segment_reports,
    sentiment_split,
    trend_from,
)
from analytics.scores.queries import Counts, Facets
from analytics.scores.shapes import Basis, HomeReport, HomeRow, Parts, SurveyReport, Trend
from analytics.scores.slices import WHOLE, Slice
from analytics.scores.themes import theme_reports
from analytics.scores.values import score, score_span
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.histograms import total
from analytics.statistics.result import Result
from outbox.days import zone
from outbox.replica import reads_replica
from surveys.models import Survey

TREND_WEEKS = 26
KEPT = 32
"""Reports kept in each process, those asked for last: some 150 kB each."""
_HEADLINE_FACETS = ("all", "quarantined")
_SHOWN_FACETS = {
    *_HEADLINE_FACETS,
    "segment",
    "sentiment",
    "theme",
    "mention",
    "language",
    "channel",
}


@reads_replica
def score_of(survey: Survey, period: Period, *, part: Slice = WHOLE) -> Result:
    """Return the guarded score of one survey and period, of one slice if named.

    NPS in points, top shares as fractions, stars as a mean. Two queries; for a
    combination of wishes a few more, and TooMany when it may be too large.
    """
    only = {*part.query, part.facet[0] if part.facet else "all"}
    facets = queries.facets_of([survey.pk], period, only=only)[survey.pk]
    return labelled(score(survey, both(survey, period, part, facets)[0]), period, part)


def both(survey: Survey, period: Period, part: Slice, facets: Facets) -> tuple[Counts, Counts]:
    """Return the histograms of a slice, now and before."""
    if part.facet:
        return facets.at(*part.facet), facets.was(*part.facet)
    keep_within(facets, part)
    own = combining.combined_facets(survey, period, part)
    return own.at("all"), own.was("all")


def keep_within(facets: Facets, part: Slice) -> None:
    size = combining.size_of(facets, part)
    if size > combining.COMBINE_UP_TO:
        raise combining.TooMany(size)


@reads_replica
def survey_report(survey: Survey, period: Period, *, part: Slice = WHOLE) -> SurveyReport:
    """Return everything the dashboard of one survey shows.

    Seven queries, two while nothing was recounted; a slice takes a few more, because its
    themes are counted from its answers. TooMany for a combination that may be too large.
    """
    if part != WHOLE:
        return _slice_report(survey, period, part)
    stamp = queries.stamp_of(survey.pk)
    basis = _basis(survey, period, stamp or 0)
    if stamp is None:
        return _whole_report(basis)
    # The survey may have been renamed meanwhile: it is the one at hand, never the kept one.
    kept = _kept_report(basis)
    return replace(kept, headline=replace(kept.headline, survey=survey), basis=basis)


def _basis(survey: Survey, period: Period, stamp: int) -> Basis:
    return Basis(
        survey,
        survey.kind,
        period,
        zone=str(zone()),
        language=get_language() or "",
        stamp=stamp,
        parts=queries.parts(),
    )


def _whole_report(basis: Basis) -> SurveyReport:
    survey, period = basis.survey, basis.period
    facets = queries.facets_of([survey.pk], period, only=_SHOWN_FACETS)[survey.pk]
    funnel = queries.funnels_of([survey.pk], period).get(survey.pk)
    return _report(survey, period, WHOLE, facets, said=facets, funnel=funnel, parts=basis.parts)


_kept_report = lru_cache(maxsize=KEPT)(_whole_report)


def _slice_report(survey: Survey, period: Period, part: Slice) -> SurveyReport:
    facets = queries.facets_of([survey.pk], period, only=_shown_facets(part))[survey.pk]
    if not part.facet:
        keep_within(facets, part)
    said = None
    if combining.size_of(facets, part) <= combining.COMBINE_UP_TO:
        said = combining.combined_facets(survey, period, part)
    invited = part.invited
    funnel = combining.combined_funnel(survey, period, invited) if invited else None
    known = queries.parts()
    return _report(survey, period, part, facets, said=said, funnel=funnel, parts=known)


def _report(
    survey: Survey,
    period: Period,
    part: Slice,
    facets: Facets,
    *,
    said: Facets | None,
    funnel: Sequence[int] | None,
    parts: Parts,
) -> SurveyReport:
    now, was = _counts(part, facets, said)
    themes, segments = dict(parts.themes), dict(parts.segments)
    # Machine votes are not counted by facet: what they would change is a question of the whole.
    held = facets.at("quarantined") if part == WHOLE else {}
    return SurveyReport(
        headline=headline_of(survey, period, part, counts=(now, was, held)),
        bands=band_counts(survey, now),
        distribution=score_counts(survey, now),
        trend=_trend_of(survey, period, part),
        funnel=funnel_from(funnel),
        sentiment=sentiment_split(said, answers=total(now)) if said is not None else None,
        themes=theme_reports(survey, said, names=themes) if said is not None else None,
        # Segments within another wish are not tallied.
        segments=segment_reports(survey, facets, names=segments)
        if part == Slice(segment=part.segment)
        else (),
        languages=tuple(code for code in facets.keys("language") if code),
        parts=parts,
        channels=channel_mix(facets) if part == WHOLE else (),
    )


def _shown_facets(part: Slice) -> set[str]:
    return {*_SHOWN_FACETS, *part.query, *(part.facet or ())[:1]}


def _counts(part: Slice, facets: Facets, said: Facets | None) -> tuple[Counts, Counts]:
    if part.facet or said is None:
        facet = part.facet or ("all", "")
        return facets.at(*facet), facets.was(*facet)
    return said.at("all"), said.was("all")


def _trend_of(survey: Survey, period: Period, part: Slice) -> Trend:
    start = _trend_start(period)
    return trend_from(survey, weeks_of(survey, start, period.stop, part=part), since=period.start)


def _trend_start(period: Period) -> date:
    return min(period.before.start, period.stop - timedelta(weeks=TREND_WEEKS))


def weeks_of(survey: Survey, start: date, stop: date, *, part: Slice = WHOLE) -> dict[date, Counts]:
    """Return the histograms of one slice by Monday."""
    if part.facet:
        facet, key = part.facet
        return queries.weeks_of([survey.pk], start, stop, facet=facet, key=key)[survey.pk]
    return combining.combined_weeks(survey, start, stop, part)


@reads_replica
def home_report(period: Period) -> HomeReport:
    """Return one row per survey that is live or was answered.

    Seven queries, two while nothing was recounted.
    """
    surveys = list(Survey.objects.exclude(status=Survey.Status.DRAFT).select_related("brand"))
    stamps = queries.stamps_of([survey.pk for survey in surveys])
    basis = tuple((survey, survey.kind, stamps[survey.pk]) for survey in surveys)
    rows = (
        _home_rows(basis, period, str(zone()))
        if None in stamps.values()
        else _kept_rows(basis, period, str(zone()))
    )
    # The surveys at hand, never the kept ones: a name or a state may have changed.
    shown = [
        replace(row, headline=replace(row.headline, survey=survey))
        for row, survey in zip(rows, surveys, strict=True)
    ]
    return HomeReport(period, tuple(sorted(_worth_showing(shown), key=_moved_most)))


def _home_rows(
    basis: tuple[tuple[Survey, str, int | None], ...], period: Period, zone: str
) -> tuple[HomeRow, ...]:
    surveys = [survey for survey, _kind, _stamp in basis]
    ids = [survey.pk for survey in surveys]
    facets = queries.facets_of(ids, period, only=_HEADLINE_FACETS)
    funnels = queries.funnels_of(ids, period)
    weeks = queries.weeks_of(ids, _trend_start(period), period.stop)
    return tuple(
        HomeRow(
            headline_of(survey, period, WHOLE, counts=_whole(facets[survey.pk])),
            trend_from(survey, weeks[survey.pk], since=period.start),
            funnel_from(funnels.get(survey.pk)),
        )
        for survey in surveys
    )


_kept_rows = lru_cache(maxsize=KEPT)(_home_rows)


def _whole(facets: Facets) -> tuple[Counts, Counts, Counts]:
    return facets.at("all"), facets.was("all"), facets.at("quarantined")


def _worth_showing(rows: Iterable[HomeRow]) -> list[HomeRow]:
    return [
        row
        for row in rows
        if row.headline.survey.status == Survey.Status.LIVE or row.headline.received
    ]


def _moved_most(row: HomeRow) -> Any:
    """Sort real moves first, the largest part of its scale first; then by answers."""
    change = row.headline.change
    is_real = change.is_real and may_show_arrow(change.n_before, change.n_after)
    moved = abs(change.delta or 0.0) / score_span(row.headline.survey)
    return (not is_real, -moved if is_real else 0.0, -row.headline.score.n, row.headline.survey.pk)
