"""Cases about comments: sentiment, emotions, themes, drivers, latent analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from analytics.golden.reading import Input, Output, bounds, level, table, with_reason
from analytics.golden.surveys import BANDS
from analytics.statistics.drivers import MENTIONS_TO_LIST, ThemeImpact, theme_impacts
from analytics.statistics.histograms import moments
from analytics.statistics.nps import nps
from analytics.statistics.regression import theme_regression
from analytics.statistics.score import nps_counts
from analytics.success.metrics.latent import latent_semantics
from analytics.success.metrics.sentiment import emotion_shares
from analytics.success.metrics.sentiment import net_sentiment as net_of
from analytics.success.metrics.themes import Comment, ThemeShare, theme_table


def net_sentiment(given: Input) -> Output:
    result = net_of(
        given["positive"],
        given["negative"],
        given["neutral"],
        unclear=given.get("unclear", 0),
        level=level(given),
    )
    output = {
        "n": result.n,
        "net_sentiment": result.value,
        **bounds(result.interval, "score_low", "score_high"),
        "unclear_share": result.parts["unclear_share"],
    }
    return with_reason(output, result)


def emotions(given: Input) -> Output:
    found = emotion_shares(given["rows"], threshold=given["threshold"], level=level(given))
    shares = {
        name: {
            "count": result.numerator,
            "share": result.value,
            "wilson": [result.interval.low, result.interval.high] if result.interval else None,
        }
        for name, result in found.shares.items()
    }
    return with_reason({"shares": shares, "no_emotion_share": found.none.value}, found.none)


def themes(given: Input) -> Output:
    found = theme_table(
        Comment(row["text"], row["themes"], row["nps_score"]) for row in table(given)
    )
    output = {
        "with_text": found.with_text,
        "comment_rate": found.comment_rate.value,
        "coverage": found.coverage.value,
        "themes": {name: _theme(row) for name, row in found.themes.items()},
    }
    return with_reason(output, found.coverage)


def _theme(row: ThemeShare) -> Output:
    score = nps(*nps_counts(row.scores, BANDS)).value
    return {"mentions": row.mentions, "share": row.share.value, "nps": score}


def drivers(given: Input) -> Output:
    rows = [(row["nps_value"], row["themes"]) for row in table(given)]
    guard = given.get("min_mentions", 1)
    output: Output = {
        "overall": moments(Counter(value for value, _ in rows)).mean,
        "themes": {impact.theme: _impact(impact) for impact in _impacts(rows, guard)},
    }
    if model := theme_regression(rows, min_comments=1, min_per_theme=1):
        output["regression"] = {"intercept": model.intercept, **model.coefficients}
        output |= {"r2": model.r2, "shapley_r2": model.shares}
    return output


def guarded_drivers(given: Input) -> Output:
    rows = [(row["nps_value"], row["themes"]) for row in table(given)]
    guard = given.get("min_mentions", MENTIONS_TO_LIST)
    return {"themes": {impact.theme: _impact(impact) for impact in _impacts(rows, guard)}}


def _impacts(rows: Sequence[tuple[Any, Sequence[str]]], min_mentions: int) -> list[ThemeImpact]:
    names = sorted({theme for _, found in rows for theme in found})
    by_theme = {theme: Counter(value for value, found in rows if theme in found) for theme in names}
    whole = Counter(value for value, _ in rows)
    return theme_impacts(whole, by_theme, min_mentions=min_mentions)


def _impact(impact: ThemeImpact) -> Output:
    output = {
        "mentions": impact.mentions,
        "share": impact.share,
        "score_with": impact.score_with,
        "score_without": impact.score_without,
        "impact": impact.impact,
        "difference": impact.difference,
        "p_value": impact.p_value,
    }
    return output | ({"reason": impact.reason} if impact.reason else {})


def lsa(given: Input) -> Output:
    found = latent_semantics(given["counts"], rank=given["rank"])
    return {"singular_values": list(found.singular_values), "cosine": found.cosines()}


FNS = {
    "text.net_sentiment": net_sentiment,
    "text.emotions": emotions,
    "text.themes": themes,
    "text.lsa": lsa,
    "driver.themes": drivers,
    "driver.guard": guarded_drivers,
}
