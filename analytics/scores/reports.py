"""The numbers behind every page: read the tallies, ask the statistics, hand over frozen reports.

The dashboard, the API and digests all call these three functions, so a number
is computed in one place. The number of queries does not grow with answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from analytics.periods import Period
from analytics.scores import combining, queries
from analytics.scores.queries import Counts, Facets
from analytics.scores.shapes import (
    BandCount,
    Funnel,
    HomeReport,
    HomeRow,
    ScoreCount,
    ScoreReport,
    SegmentReport,
    SentimentSplit,
    SurveyReport,
    Trend,
    TrendPoint,
)
from analytics.scores.slices import WHOLE, Slice
from analytics.scores.themes import theme_reports
from analytics.scores.values import score, score_shift, score_span, weekly_values
from analytics.statistics.change import benjamini_hochberg
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.histograms import merged, total
from analytics.statistics.rates import Outcomes, response_rates
from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.trends import alarms, weekly_buckets
from feedback.models import Sentiment
from outbox.days import zone
from outbox.replica import reads_replica
from surveys.models import Survey

TREND_WEEKS = 26
_HEADLINE_FACETS = ("all", "quarantined")
_SHOWN_FACETS = {*_HEADLINE_FACETS, "segment", "sentiment", "theme", "mention"}


@reads_replica
def score_of(survey: Survey, period: Period, *, part: Slice = WHOLE) -> Result:
    """Return the guarded score of one survey and period, of one slice if named.

    NPS in points, top shares as fractions, stars as a mean. Two queries; for a
    combination of wishes a few more, and TooMany when it may be too large.
    """
    only = {*part.query, part.facet[0] if part.facet else "all"}
    facets = queries.facets_of([survey.pk], period, only=only)[survey.pk]
    return _labelled(score(survey, both(survey, period, part, facets)[0]), period, part)


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


def _labelled(result: Result, period: Period, part: Slice = WHOLE) -> Result:
    dated = result.for_period(str(period), zone=str(zone()))
    return replace(dated, segment=part.segment)


@reads_replica
def survey_report(survey: Survey, period: Period, *, part: Slice = WHOLE) -> SurveyReport:
    """Return everything the dashboard of one survey shows.

    Seven queries; a slice takes a few more, because its themes are counted from
    its answers. TooMany for a combination that may be too large for that.
    """
    facets = queries.facets_of([survey.pk], period, only=_shown_facets(part))[survey.pk]
    if part == WHOLE:
        funnel = queries.funnels_of([survey.pk], period).get(survey.pk)
        return _report(survey, period, part, facets, said=facets, funnel=funnel)
    if not part.facet:
        keep_within(facets, part)
    said = None
    if combining.size_of(facets, part) <= combining.COMBINE_UP_TO:
        said = combining.combined_facets(survey, period, part)
    invited = part.invited
    funnel = combining.combined_funnel(survey, period, invited) if invited else None
    return _report(survey, period, part, facets, said=said, funnel=funnel)


def _report(
    survey: Survey,
    period: Period,
    part: Slice,
    facets: Facets,
    *,
    said: Facets | None,
    funnel: Sequence[int] | None,
) -> SurveyReport:
    now, was = _counts(part, facets, said)
    # Machine votes are not counted by facet: what they would change is a question of the whole.
    held = facets.at("quarantined") if part == WHOLE else {}
    return SurveyReport(
        headline=_headline(survey, period, part, counts=(now, was, held)),
        bands=_bands(survey, now),
        distribution=_distribution(survey, now),
        trend=_trend_of(survey, period, part),
        funnel=funnel_from(funnel),
        sentiment=_sentiment(said, answers=total(now)) if said is not None else None,
        themes=theme_reports(survey, said, names=queries.theme_names())
        if said is not None
        else None,
        # Segments within another wish are not tallied.
        segments=_segments(survey, facets) if part == Slice(segment=part.segment) else (),
    )


def _shown_facets(part: Slice) -> set[str]:
    return {*_SHOWN_FACETS, *part.query, *(part.facet or ())[:1]}


def _counts(part: Slice, facets: Facets, said: Facets | None) -> tuple[Counts, Counts]:
    if part.facet or said is None:
        facet = part.facet or ("all", "")
        return facets.at(*facet), facets.was(*facet)
    return said.at("all"), said.was("all")


def _headline(
    survey: Survey, period: Period, part: Slice, *, counts: tuple[Counts, Counts, Counts]
) -> ScoreReport:
    now, was, held = counts
    return ScoreReport(
        survey=survey,
        period=period,
        part=part,
        score=_labelled(score(survey, now), period, part),
        before=_labelled(score(survey, was), period.before, part),
        change=score_shift(survey, was, now),
        held=total(held),
        with_held=_labelled(score(survey, merged([now, held])), period, part),
    )


def _bands(survey: Survey, counts: Counts) -> tuple[BandCount, ...]:
    n = total(counts)
    found = []
    for band in survey.scale.bands:
        k = sum(counts.get(value, 0) for value in band.scores)
        found.append(BandCount(band, k, share(k, n)))
    return tuple(found)


def _distribution(survey: Survey, counts: Counts) -> tuple[ScoreCount, ...]:
    scale = survey.scale
    return tuple(
        ScoreCount(value, scale.label_of(value), scale.band_of(value).tone, counts.get(value, 0))
        for value in scale.scores
    )


def _trend_of(survey: Survey, period: Period, part: Slice) -> Trend:
    start = min(period.before.start, period.stop - timedelta(weeks=TREND_WEEKS))
    return _trend(survey, weeks_of(survey, start, period.stop, part=part), since=period.start)


def weeks_of(survey: Survey, start: date, stop: date, *, part: Slice = WHOLE) -> dict[date, Counts]:
    """Return the histograms of one slice by Monday."""
    if part.facet:
        facet, key = part.facet
        return queries.weeks_of([survey.pk], start, stop, facet=facet, key=key)[survey.pk]
    return combining.combined_weeks(survey, start, stop, part)


def _trend(survey: Survey, weeks: dict[date, Counts], *, since: date) -> Trend:
    """Return the weekly points, and the alarms noticed on or after `since`."""
    buckets = weekly_buckets(weeks)
    points = tuple(
        TrendPoint(bucket.start, bucket.stop, score(survey, bucket.histogram), bucket.is_short)
        for bucket in buckets
    )
    full = [bucket for bucket in buckets if not bucket.is_short]
    found = alarms([weekly_values(survey, bucket.histogram) for bucket in full])
    marked = {alarm.week: alarm for alarm in reversed(found) if full[alarm.week].stop > since}
    return Trend(points, tuple((points[week], alarm) for week, alarm in sorted(marked.items())))


def funnel_from(counts: Sequence[int] | None) -> Funnel | None:
    if not counts or not counts[0]:
        return None
    sent, bounced, doubtful, opened, answered, commented = counts
    rate = response_rates(outcomes_of(counts)).rr6
    return Funnel(sent, bounced, doubtful, opened, answered, commented, rate)


def outcomes_of(counts: Sequence[int]) -> Outcomes:
    """Return AAPOR's outcomes of the counts named in `queries.FUNNEL`."""
    sent, bounced, doubtful, _opened, answered, _commented = counts
    silent = max(0, sent - bounced - doubtful - answered)
    return Outcomes(complete=answered, noncontact=silent, unknown=bounced + doubtful)


def _sentiment(facets: Facets, *, answers: int) -> SentimentSplit:
    counts = {label: total(facets.at("sentiment", label)) for label in Sentiment.values}
    comments = sum(counts.values())
    read = comments - counts[Sentiment.UNSCORED]
    return SentimentSplit(
        counts, comments, coverage=share(read, comments), comment_rate=_rate(comments, answers)
    )


def _rate(comments: int, answers: int) -> Result:
    # A comment may be read a moment before its day is counted anew.
    return share(min(comments, answers), answers)


def _segments(survey: Survey, facets: Facets) -> tuple[SegmentReport, ...]:
    names = queries.segment_names()
    slugs = [slug for slug in facets.keys("segment") if slug in names]
    whole = facets.at("all")
    parts = [facets.at("segment", slug) for slug in slugs]
    shifts = [score_shift(survey, _rest(whole, part), part) for part in parts]
    tested = [
        i
        for i, shift in enumerate(shifts)
        if shift.p_value is not None and may_show_arrow(shift.n_before, shift.n_after)
    ]
    rejected = benjamini_hochberg([shifts[i].p_value or 0.0 for i in tested]).rejected
    real = {i for i, is_real in zip(tested, rejected, strict=True) if is_real}
    return tuple(
        SegmentReport(slug, names[slug], score(survey, part, audience="segment"), shift, i in real)
        for i, (slug, part, shift) in enumerate(zip(slugs, parts, shifts, strict=True))
    )


def _rest(whole: Counts, part: Counts) -> Counts:
    return {value: max(0, n - part.get(value, 0)) for value, n in whole.items()}


@reads_replica
def home_report(period: Period) -> HomeReport:
    """Return one row per survey that is live or was answered, in six queries."""
    surveys = list(Survey.objects.exclude(status=Survey.Status.DRAFT).select_related("brand"))
    ids = [survey.pk for survey in surveys]
    facets = queries.facets_of(ids, period, only=_HEADLINE_FACETS)
    funnels = queries.funnels_of(ids, period)
    start = min(period.before.start, period.stop - timedelta(weeks=TREND_WEEKS))
    weeks = queries.weeks_of(ids, start, period.stop)
    rows = [
        HomeRow(
            _headline(survey, period, WHOLE, counts=_whole(facets[survey.pk])),
            _trend(survey, weeks[survey.pk], since=period.start),
            funnel_from(funnels.get(survey.pk)),
        )
        for survey in surveys
    ]
    return HomeReport(period, tuple(sorted(_worth_showing(rows), key=_moved_most)))


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
