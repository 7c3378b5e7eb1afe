"""Themes of one survey's comments: how many, how they score, what moved."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.scores.queries import Counts, Facets
from analytics.scores.shapes import ThemeReport
from analytics.scores.values import score, unit_values
from analytics.statistics.change import Change, benjamini_hochberg
from analytics.statistics.drivers import ThemeImpact, theme_impacts
from analytics.statistics.histograms import merged, total
from analytics.statistics.result import Interval
from analytics.statistics.shares import share, share_change
from feedback.models import Sentiment
from surveys.models import Survey


def theme_reports(
    survey: Survey, facets: Facets, *, names: Mapping[str, str]
) -> tuple[ThemeReport, ...]:
    """Return a report per theme named in either period: strongest pull first, rare ones last."""
    slugs = [slug for slug in facets.keys("theme") if slug in names]
    now = {slug: facets.at("theme", slug) for slug in slugs}
    was = {slug: facets.was("theme", slug) for slug in slugs}
    comments = _comments(facets.now, now)
    before = total(_comments(facets.before, was))
    impacts = theme_impacts(
        unit_values(survey, comments),
        {slug: unit_values(survey, counts) for slug, counts in now.items()},
    )
    n = total(comments)
    shifts = [share_change((total(was[s]), before), (total(now[s]), n)) for s in slugs]
    real = _real_shifts(shifts)
    found = [
        ThemeReport(
            slug=slug,
            name=names[slug],
            count=total(now[slug]),
            share=share(total(now[slug]), n),
            share_before=share(total(was[slug]), before),
            share_change=shift,
            is_share_real=is_real,
            score=score(survey, now[slug], audience="segment"),
            impact=impact,
            difference_interval=_difference_interval(impact),
            sentiments=_sentiments(facets, slug),
        )
        for slug, impact, shift, is_real in zip(slugs, impacts, shifts, real, strict=True)
    ]
    return tuple(sorted(found, key=_strongest))


def _comments(histograms: Mapping[tuple[str, str], Counts], themes: Mapping[str, Counts]) -> Counts:
    """Return the histogram of all comments that were read.

    A reading may land between the two counts of a day's recount; until the
    next one a theme must not have more comments than there are.
    """
    whole = merged(counts for (facet, _), counts in histograms.items() if facet == "sentiment")
    for counts in themes.values():
        for value, n in counts.items():
            whole[value] = max(whole.get(value, 0), n)
    return whole


def _real_shifts(shifts: list[Change]) -> list[bool]:
    tested = [i for i, shift in enumerate(shifts) if shift.p_value is not None]
    rejected = benjamini_hochberg([shifts[i].p_value or 0.0 for i in tested]).rejected
    real = {i for i, is_real in zip(tested, rejected, strict=True) if is_real}
    return [i in real for i in range(len(shifts))]


def _difference_interval(impact: ThemeImpact) -> Interval | None:
    """Take the share out of the impact's interval again: impact is share times difference."""
    found = impact.interval
    if found is None or not impact.share:
        return None
    low, high = float(found.low) / impact.share, float(found.high) / impact.share
    return Interval(low, high, found.level, found.method)


def _sentiments(facets: Facets, slug: str) -> dict[str, int]:
    return {
        label: total(facets.at("mention", f"{slug}:{label}"))
        for label in Sentiment.values
        if label != Sentiment.UNSCORED
    }


def _strongest(theme: ThemeReport) -> tuple[bool, bool, bool, float, int, str]:
    impact = theme.impact
    return (
        impact.impact is None,
        impact.interval is None,
        not impact.is_real,
        -abs(impact.impact or 0.0),
        -theme.count,
        theme.name,
    )
