"""Shapes of scores as the API shows them, and the reports put into these shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from analytics.scores.shapes import Funnel, SentimentSplit, SurveyReport, ThemeReport, Trend
from analytics.statistics.change import Change
from analytics.statistics.result import Interval, Result


class IntervalOut(serializers.Serializer):  # type: ignore[type-arg]
    low = serializers.FloatField()
    high = serializers.FloatField()
    level = serializers.FloatField()
    method = serializers.CharField()


class ResultOut(serializers.Serializer):  # type: ignore[type-arg]
    """A number with everything needed to trust it; `value` null means `reason` says why."""

    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(help_text="points (-100..100), fraction (0..1) or mean.")
    n = serializers.IntegerField()
    numerator = serializers.FloatField(allow_null=True)
    denominator = serializers.FloatField(allow_null=True)
    interval = IntervalOut(allow_null=True)
    status = serializers.CharField(help_text="ok, low_n, provisional, null or suppressed.")
    reason = serializers.CharField(allow_blank=True)
    convention = serializers.CharField(allow_blank=True)


class ChangeOut(serializers.Serializer):  # type: ignore[type-arg]
    delta = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    p_value = serializers.FloatField(allow_null=True)
    is_real = serializers.BooleanField(help_text="Chance alone would rarely do this.")
    n_before = serializers.IntegerField()
    n_after = serializers.IntegerField()
    method = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class FiltersOut(serializers.Serializer):  # type: ignore[type-arg]
    """What was wished of an answer; "" = no wish."""

    segment = serializers.CharField(allow_blank=True)
    channel = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    theme = serializers.CharField(allow_blank=True)
    sentiment = serializers.CharField(allow_blank=True)


class Head(serializers.Serializer):  # type: ignore[type-arg]
    survey = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    filters = FiltersOut()
    start = serializers.DateField(help_text="First day, in the workspace's zone.")
    last = serializers.DateField(help_text="Last day, included.")


class ScoreOut(Head):
    score = ResultOut()


class TrendPointOut(serializers.Serializer):  # type: ignore[type-arg]
    start = serializers.DateField()
    stop = serializers.DateField(help_text="The day after the last one.")
    score = ResultOut()


class TrendOut(Head):
    points = TrendPointOut(many=True)


class BandOut(serializers.Serializer):  # type: ignore[type-arg]
    band = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    share = ResultOut()


class ScoreCountOut(serializers.Serializer):  # type: ignore[type-arg]
    score = serializers.IntegerField()
    # DRF keeps declared fields apart from a serializer's own `label`.
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class DistributionOut(Head):
    n = serializers.IntegerField()
    bands = BandOut(many=True)
    scores = ScoreCountOut(many=True)


class FunnelOut(serializers.Serializer):  # type: ignore[type-arg]
    sent = serializers.IntegerField()
    bounced = serializers.IntegerField()
    doubtful = serializers.IntegerField()
    opened = serializers.IntegerField()
    answered = serializers.IntegerField()
    commented = serializers.IntegerField()
    response_rate = ResultOut()


class SentimentOut(serializers.Serializer):  # type: ignore[type-arg]
    counts = serializers.DictField(child=serializers.IntegerField())
    comments = serializers.IntegerField()
    coverage = ResultOut()
    comment_rate = ResultOut()


class ThemeScoreOut(serializers.Serializer):  # type: ignore[type-arg]
    theme = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    share = ResultOut()
    score = ResultOut()
    impact = serializers.FloatField(
        allow_null=True, help_text="Share of comments times the difference in score."
    )
    is_impact_real = serializers.BooleanField()
    share_change = ChangeOut()
    sentiments = serializers.DictField(child=serializers.IntegerField())


class SegmentScoreOut(serializers.Serializer):  # type: ignore[type-arg]
    segment = serializers.CharField()
    name = serializers.CharField()
    score = ResultOut()
    against_rest = ChangeOut()
    is_real = serializers.BooleanField(help_text="After correcting for all segments tested.")


class ReportOut(DistributionOut):
    score = ResultOut()
    before = ResultOut(help_text="The equally long period before.")
    change = ChangeOut()
    held = serializers.IntegerField(help_text="Answers held as a machine's, not counted.")
    with_held = ResultOut(help_text="The score if they counted.")
    points = TrendPointOut(many=True)
    funnel = FunnelOut(allow_null=True)
    sentiment = SentimentOut(allow_null=True)
    themes = ThemeScoreOut(many=True, allow_null=True)
    segments = SegmentScoreOut(many=True)


# ---- Reports into shapes -------------------------------------------------------------------------


def _picked(shape: type[serializers.Serializer[Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return only what the shape documents."""
    return {name: values[name] for name in shape._declared_fields}


def result(found: Result) -> dict[str, Any]:
    return _picked(ResultOut, found.as_dict())


def interval(found: Interval) -> dict[str, Any]:
    return {
        "low": float(found.low),
        "high": float(found.high),
        "level": found.level,
        "method": found.method,
    }


def change(found: Change) -> dict[str, Any]:
    return _picked(ChangeOut, found.as_dict())


def points(trend: Trend) -> list[dict[str, Any]]:
    return [
        {"start": point.start, "stop": point.stop, "score": result(point.result)}
        for point in trend.points
    ]


def distribution(report: SurveyReport) -> dict[str, Any]:
    return {
        "n": report.score.n,
        "bands": [
            {
                "band": row.band.slug,
                "name": str(row.band.name),
                "count": row.count,
                "share": result(row.share),
            }
            for row in report.bands
        ],
        "scores": [
            {"score": row.score, "label": str(row.label), "count": row.count}
            for row in report.distribution
        ],
    }


def whole(report: SurveyReport) -> dict[str, Any]:
    head = report.headline
    return {
        **distribution(report),
        "score": result(head.score),
        "before": result(head.before),
        "change": change(head.change),
        "held": head.held,
        "with_held": result(head.with_held),
        "points": points(report.trend),
        "funnel": _funnel(report.funnel) if report.funnel else None,
        "sentiment": _sentiment(report.sentiment) if report.sentiment else None,
        "themes": None if report.themes is None else _themes(report.themes),
        "segments": [
            {
                "segment": part.slug,
                "name": part.name,
                "score": result(part.score),
                "against_rest": change(part.against_rest),
                "is_real": part.is_real,
            }
            for part in report.segments
        ],
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    steps = ("sent", "bounced", "doubtful", "opened", "answered", "commented")
    counts = {step: getattr(funnel, step) for step in steps}
    return {**counts, "response_rate": result(funnel.rate)}


def _sentiment(split: SentimentSplit) -> dict[str, Any]:
    return {
        "counts": {str(label): count for label, count in split.counts.items()},
        "comments": split.comments,
        "coverage": result(split.coverage),
        "comment_rate": result(split.comment_rate),
    }


def _themes(themes: Iterable[ThemeReport]) -> list[dict[str, Any]]:
    return [
        {
            "theme": theme.slug,
            "name": theme.name,
            "count": theme.count,
            "share": result(theme.share),
            "score": result(theme.score),
            "impact": theme.impact.impact,
            "is_impact_real": theme.impact.is_real,
            "share_change": change(theme.share_change),
            "sentiments": {str(label): count for label, count in theme.sentiments.items()},
        }
        for theme in themes
    ]
