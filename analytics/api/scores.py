"""Scores over the API: the numbers of the dashboard, from the same reports."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.api import shapes
from analytics.periods import NAMES, BadPeriod, Period, read_period
from analytics.scores.queries import segment_test
from analytics.scores.reports import score_of, survey_report
from analytics.scores.shapes import SurveyReport
from feedback.models import Response
from surveys.api.base import ApiViewSet, survey_named
from surveys.api.docs import documented, said
from surveys.api.errors import BadQuery
from surveys.models import Survey

TAG = "Scores"
PERIOD_PARAMETERS = [
    OpenApiParameter("period", enum=list(NAMES), description="Up to today. Left out: 13w."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day, instead of `period`."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day, included."),
]
_PARAMETERS = [
    *PERIOD_PARAMETERS,
    OpenApiParameter("segment", str, description="Only answers of this segment (its slug)."),
]
_RESULT = {
    "value": 42.0,
    "unit": "points",
    "n": 412,
    "numerator": 173.0,
    "denominator": 412.0,
    "interval": {"low": 35.1, "high": 48.6, "level": 0.95, "method": "tango score"},
    "status": "ok",
    "reason": "",
    "convention": "nps",
}
_HEAD = {"survey": "product-nps", "segment": "", "start": "2026-08-24", "last": "2026-11-22"}


class ScoreViewSet(ApiViewSet):
    queryset = Survey.objects.all()
    model = Response  # staff may see scores who may see responses
    survey_path = "pk"
    lookup_field = "slug"
    query_parameters = ("period", "from", "to", "segment")

    @documented(
        "The score",
        {200: shapes.ScoreOut},
        tag=TAG,
        refused=(404,),
        parameters=_PARAMETERS,
        examples=[said("NPS of a quarter", {**_HEAD, "score": _RESULT}, status_codes=["200"])],
    )
    def score(self, request: Request, slug: str) -> Reply:
        """The dashboard's number for the same days: NPS in points, shares as fractions, stars as a
        mean, with its 95 % interval. Too few answers give a null with its reason."""
        survey, period, segment = self._asked(slug)
        result = score_of(survey, period, segment=segment)
        return Reply({**_head(survey, period, segment), "score": shapes.result(result)})

    @documented(
        "The score by week", {200: shapes.TrendOut}, tag=TAG, refused=(404,), parameters=_PARAMETERS
    )
    def trend(self, request: Request, slug: str) -> Reply:
        """At least 26 weeks up to the end of the period; weeks too small alone are put together."""
        survey, period, segment, report = self._report(slug)
        return Reply({**_head(survey, period, segment), "points": shapes.points(report.trend)})

    @documented(
        "Answers by score and band",
        {200: shapes.DistributionOut},
        tag=TAG,
        refused=(404,),
        parameters=_PARAMETERS,
    )
    def distribution(self, request: Request, slug: str) -> Reply:
        survey, period, segment, report = self._report(slug)
        return Reply({**_head(survey, period, segment), **shapes.distribution(report)})

    @documented(
        "Everything the dashboard shows",
        {200: shapes.ReportOut},
        tag=TAG,
        refused=(404,),
        parameters=_PARAMETERS,
    )
    def report(self, request: Request, slug: str) -> Reply:
        """Score, change, bands, trend, funnel, sentiment, themes and segments in one call."""
        survey, period, segment, report = self._report(slug)
        return Reply({**_head(survey, period, segment), **shapes.whole(report)})

    def _report(self, slug: str) -> tuple[Survey, Period, str, SurveyReport]:
        survey, period, segment = self._asked(slug)
        return survey, period, segment, survey_report(survey, period, segment=segment)

    def _asked(self, slug: str) -> tuple[Survey, Period, str]:
        survey = survey_named(slug, self.request)
        segment = self.request.query_params.get("segment", "")
        period = asked_days(self.request)
        try:
            if segment:
                segment_test(segment)
        except LookupError:
            raise BadQuery({"segment": [f"There is no segment '{segment[:60]}'."]}) from None
        return survey, period, segment


def asked_days(request: Request) -> Period:
    """Return the days an address asks for; BadQuery for days there cannot be."""
    try:
        return read_period(request.query_params)
    except BadPeriod as error:
        name, _colon, reason = str(error).partition(": ")
        raise BadQuery({name: [reason]}) from None


def _head(survey: Survey, period: Period, segment: str) -> dict[str, object]:
    return {
        "survey": survey.slug,
        "segment": segment,
        "start": period.start,
        "last": period.last,
    }
