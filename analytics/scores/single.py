"""One figure at a time, for whoever needs no whole report: targets, digests, closed periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from analytics.periods import Period
from analytics.scores import combining, queries
from analytics.scores.composing import funnel_from
from analytics.scores.queries import Counts
from analytics.scores.reports import both, keep_within
from analytics.scores.shapes import Funnel
from analytics.scores.slices import WHOLE, Slice
from analytics.scores.values import score_shift
from analytics.statistics.change import Change
from analytics.statistics.histograms import total
from analytics.statistics.result import Result
from analytics.statistics.shares import share
from feedback.models import Sentiment
from surveys.models import Survey


def change_of(survey: Survey, period: Period, *, part: Slice = WHOLE) -> Change:
    """Return how the score moved against the equally long time before. As score_of."""
    only = {*part.query, part.facet[0] if part.facet else "all"}
    facets = queries.facets_of([survey.pk], period, only=only)[survey.pk]
    now, was = both(survey, period, part, facets)
    return score_shift(survey, was, now)


def funnel_of(survey: Survey, period: Period, *, part: Slice = WHOLE) -> Funnel | None:
    """Return how far the invited of a period came, None when nobody was invited."""
    if part == WHOLE:
        return funnel_from(queries.funnels_of([survey.pk], period).get(survey.pk))
    return funnel_from(combining.combined_funnel(survey, period, part))


def sentiments_of(
    survey: Survey, period: Period, *, part: Slice = WHOLE
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the comments by sentiment, now and in the equally long time before."""
    facets = queries.facets_of([survey.pk], period, only={*part.query, "sentiment"})[survey.pk]
    if part != WHOLE:
        keep_within(facets, part)
        facets = combining.combined_facets(survey, period, part)
    now = {label: total(facets.at("sentiment", label)) for label in Sentiment.values}
    was = {label: total(facets.was("sentiment", label)) for label in Sentiment.values}
    return now, was


def negative_share(counts: Mapping[str, int]) -> Result:
    """Return the negative comments of those that could be read."""
    read = sum(counts.values()) - counts[Sentiment.UNSCORED]
    return share(counts[Sentiment.NEGATIVE], read, convention="negative of comments read")


def negative_weeks(
    survey: Survey, start: date, stop: date, *, part: Slice = WHOLE
) -> dict[date, Counts]:
    """Return how many comments were read by Monday: {1: negative, 0: the others}.

    Empty for a slice: sentiment within another wish is not tallied by week.
    """
    if part != WHOLE:
        return {}
    found: dict[date, Counts] = {}
    for label in set(Sentiment.values) - {Sentiment.UNSCORED}:
        worth = int(label == Sentiment.NEGATIVE)
        weeks = queries.weeks_of([survey.pk], start, stop, facet="sentiment", key=label)
        for monday, counts in weeks[survey.pk].items():
            week = found.setdefault(monday, {})
            week[worth] = week.get(worth, 0) + total(counts)
    return found
