"""Histograms made into the parts of a report. Nothing is read: equal histograms, equal parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from analytics.periods import Period
from analytics.scores.queries import Counts, Facets
from analytics.scores.shapes import (
    BandCount,
    Funnel,
    ScoreCount,
    ScoreReport,
    SegmentReport,
    SentimentSplit,
    Trend,
    TrendPoint,
)
from analytics.scores.slices import WHOLE, Slice
from analytics.scores.values import score, score_shift, weekly_values
from analytics.statistics.change import benjamini_hochberg
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.histograms import merged, total
from analytics.statistics.rates import Outcomes, response_rates
from analytics.statistics.result import Result
from analytics.statistics.shares import share
from analytics.statistics.trends import alarms, weekly_buckets
from feedback.models import Sentiment
from outbox.days import zone
from surveys.models import Survey


def labelled(result: Result, period: Period, part: Slice = WHOLE) -> Result:
    dated = result.for_period(str(period), zone=str(zone()))
    return replace(dated, segment=part.segment)


def channel_mix(facets: Facets) -> tuple[tuple[str, int], ...]:
    """Return how many answers came by each channel, most first: what a pooled score is made of."""
    counts = ((key, total(facets.at("channel", key))) for key in facets.keys("channel"))
    return tuple(sorted(((key, n) for key, n in counts if n), key=lambda pair: (-pair[1], pair[0])))


def headline_of(
    survey: Survey, period: Period, part: Slice, *, counts: tuple[Counts, Counts, Counts]
) -> ScoreReport:
    now, was, held = counts
    return ScoreReport(
        survey=survey,
        period=period,
        part=part,
        score=labelled(score(survey, now), period, part),
        before=labelled(score(survey, was), period.before, part),
        change=score_shift(survey, was, now),
        held=total(held),
        with_held=labelled(score(survey, merged([now, held])), period, part),
    )


def band_counts(survey: Survey, counts: Counts) -> tuple[BandCount, ...]:
    n = total(counts)
    found = []
    for band in survey.scale.bands:
        k = sum(counts.get(value, 0) for value in band.scores)
        found.append(BandCount(band, k, share(k, n)))
    return tuple(found)


def score_counts(survey: Survey, counts: Counts) -> tuple[ScoreCount, ...]:
    scale = survey.scale
    return tuple(
        ScoreCount(value, scale.label_of(value), scale.band_of(value).tone, counts.get(value, 0))
        for value in scale.scores
    )


def trend_from(survey: Survey, weeks: dict[date, Counts], *, since: date) -> Trend:
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


def sentiment_split(facets: Facets, *, answers: int) -> SentimentSplit:
    counts = {label: total(facets.at("sentiment", label)) for label in Sentiment.values}
    comments = sum(counts.values())
    read = comments - counts[Sentiment.UNSCORED]
    return SentimentSplit(
        counts, comments, coverage=share(read, comments), comment_rate=_rate(comments, answers)
    )


def _rate(comments: int, answers: int) -> Result:
    # A comment may be read a moment before its day is counted anew.
    return share(min(comments, answers), answers)


def segment_reports(
    survey: Survey, facets: Facets, *, names: Mapping[str, str]
) -> tuple[SegmentReport, ...]:
    """Return the segments side by side; `names` by slug."""
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
