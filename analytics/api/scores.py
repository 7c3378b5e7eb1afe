"""Scores over the API: the numbers of the dashboard, from the same reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.api import comparisons, shapes
from analytics.api.months import MonthsOut, month_out
from analytics.periods import NAMES as PERIODS
from analytics.periods import BadPeriod, Period, read_period, settling, today
from analytics.scores.combining import TooMany
from analytics.scores.comparison import compare
from analytics.scores.months import SHOWN, months_of
from analytics.scores.reports import score_of, survey_report
from analytics.scores.shapes import SurveyReport
from analytics.scores.slices import NAMES, Slice, UnknownPart, read_slice
from feedback.models import Response, Sentiment
from surveys.api.base import ApiViewSet, survey_named
from surveys.api.docs import documented, said
from surveys.api.errors import BadQuery
from surveys.models import Invitation, Survey

TAG = "Scores"
MOST_MONTHS = 36
PERIOD_PARAMETERS = [
    OpenApiParameter("period", enum=list(PERIODS), description="Up to today. Left out: 13w."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day, instead of `period`."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day, included."),
]
_PARAMETERS = [
    *PERIOD_PARAMETERS,
    OpenApiParameter("segment", str, description="Only answers of this segment (its slug)."),
    OpenApiParameter("channel", enum=Invitation.Channel.values, description="Only this channel."),
    OpenApiParameter("language", str, description="Only comments in this language, as `en`."),
    OpenApiParameter("theme", str, description="Only comments naming this theme (its slug)."),
    OpenApiParameter(
        "sentiment",
        enum=Sentiment.values,
        description="Only comments of this sentiment; with `theme`, those that speak so of it.",
    ),
]
_SIDES = [
    OpenApiParameter(f"{side}_{one.name}", one.type, description=one.description, enum=one.enum)
    for side in ("a", "b")
    for one in _PARAMETERS
]
SIDE_PARAMETERS = tuple(parameter.name for parameter in _SIDES)
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
_HEAD = {
    "survey": "product-nps",
    "segment": "",
    "filters": dict.fromkeys(NAMES, ""),
    "start": "2026-08-24",
    "last": "2026-11-22",
}


class ScoreViewSet(ApiViewSet):
    queryset = Survey.objects.all()
    model = Response  # staff may see scores who may see responses
    survey_path = "pk"
    lookup_field = "slug"
    query_parameters = ("period", "from", "to", *NAMES)

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
        survey, period, part = self._asked(slug)
        with combining_stated():
            result = score_of(survey, period, part=part)
        return Reply({**_head(survey, period, part), "score": shapes.result(result)})

    @documented(
        "The score by week", {200: shapes.TrendOut}, tag=TAG, refused=(404,), parameters=_PARAMETERS
    )
    def trend(self, request: Request, slug: str) -> Reply:
        """At least 26 weeks up to the end of the period; weeks too small alone are put together."""
        survey, period, part, report = self._report(slug)
        return Reply({**_head(survey, period, part), "points": shapes.points(report.trend)})

    @documented(
        "Answers by score and band",
        {200: shapes.DistributionOut},
        tag=TAG,
        refused=(404,),
        parameters=_PARAMETERS,
    )
    def distribution(self, request: Request, slug: str) -> Reply:
        survey, period, part, report = self._report(slug)
        return Reply({**_head(survey, period, part), **shapes.distribution(report)})

    @documented(
        "Everything the dashboard shows",
        {200: shapes.ReportOut},
        tag=TAG,
        refused=(404,),
        parameters=_PARAMETERS,
    )
    def report(self, request: Request, slug: str) -> Reply:
        """Score, change, bands, trend, funnel, sentiment, themes and segments in one call."""
        survey, period, part, report = self._report(slug)
        return Reply({**_head(survey, period, part), **shapes.whole(report)})

    @documented(
        "Two sides compared",
        {200: comparisons.ComparisonOut},
        tag=TAG,
        refused=(404,),
        parameters=_SIDES,
    )
    def compare(self, request: Request, slug: str) -> Reply:
        """Differences of B minus A with their intervals, and how much of them is who answered
        (mix) or how they answered (within). Each side is a period and filters, named with `a_`
        and `b_`; A left out is the equally long time before B."""
        survey = survey_named(slug, request)
        query = request.query_params
        b = asked_slice(query, prefix="b_")
        a = asked_slice(query, prefix="a_")
        if not any(query.get(f"a_{name}") for name in ("period", "from", "to")):
            a = (b[0].before, a[1])
        with combining_stated():
            return Reply(comparisons.comparison(compare(survey, a, b)))

    @documented(
        "Months, as closed and now",
        {200: MonthsOut},
        tag=TAG,
        refused=(404,),
        parameters=[OpenApiParameter("months", int, description="1 to 36, usually 13.")],
    )
    def months(self, request: Request, slug: str) -> Reply:
        """Calendar months up to this one, oldest first. `closed` is what was published when the
        month had settled and never changes; `restated` says what moved it since."""
        survey = survey_named(slug, request)
        found = months_of(survey, today(), count=_month_count(request))
        rows = [month_out(month) for month in found]
        return Reply({"survey": survey.slug, "settling_days": settling().days, "months": rows})

    def _report(self, slug: str) -> tuple[Survey, Period, Slice, SurveyReport]:
        survey, period, part = self._asked(slug)
        with combining_stated():
            return survey, period, part, survey_report(survey, period, part=part)

    def _asked(self, slug: str) -> tuple[Survey, Period, Slice]:
        survey = survey_named(slug, self.request)
        return survey, *asked_slice(self.request.query_params)


def _month_count(request: Request) -> int:
    asked = request.query_params.get("months", str(SHOWN))
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:4]) <= MOST_MONTHS):
        raise BadQuery({"months": [f"Send a number from 1 to {MOST_MONTHS}."]})
    return int(asked)


def asked_days(request: Request) -> Period:
    """Return the days an address asks for; BadQuery for days there cannot be."""
    return _days(request.query_params)


def _days(query: Mapping[str, str], *, prefix: str = "") -> Period:
    try:
        return read_period(query)
    except BadPeriod as error:
        name, _colon, reason = str(error).partition(": ")
        raise BadQuery({prefix + name: [reason]}) from None


def asked_slice(query: Mapping[str, str], *, prefix: str = "") -> tuple[Period, Slice]:
    """Return period and slice of an address; BadQuery names the parameter that cannot be."""
    own = {k.removeprefix(prefix): v for k, v in query.items() if k.startswith(prefix)}
    try:
        return _days(own, prefix=prefix), read_slice(own)
    except UnknownPart as error:
        value = error.value[:60].replace("\x00", "")
        raise BadQuery({prefix + error.name: [f"There is no {error.name} '{value}'."]}) from None


@contextmanager
def combining_stated() -> Iterator[None]:
    """Turn a combination of filters that may be too large into an error that says the limit."""
    try:
        yield
    except TooMany as error:
        words = f"These filters together may hold {error.count} answers; at most {error.limit} "
        words += "are combined on the spot. Ask for a shorter time or one filter."
        raise BadQuery({"filters": [words]}) from None


def _head(survey: Survey, period: Period, part: Slice) -> dict[str, object]:
    return {
        "survey": survey.slug,
        "segment": part.segment,
        "filters": {name: getattr(part, name) for name in NAMES},
        "start": period.start,
        "last": period.last,
    }
