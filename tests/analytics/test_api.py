"""Scores over the API: the numbers are the dashboard's, to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.periods import period_named
from analytics.scores.models import TallyStamp
from analytics.scores.reports import score_of, survey_report
from feedback.models import Response
from surveys.models import Segment, Survey
from tests.feedback.making import a_survey, answers
from tests.surveys.calling import Caller, caller, error_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Caller:
    return caller("read")


@pytest.fixture
def answered(drain: Callable[[], int]) -> Survey:
    """Return a survey with 60 promoters (40 of them on Growth) and 20 detractors."""
    survey = a_survey("nps")
    growth = Segment.objects.create(slug="growth", name="Growth")
    growth.conditions.create(property="plan", operator="is", value="Growth")
    good = answers(survey, ["Delivery was wonderful."] * 60, score=9)
    answers(survey, ["The support was terrible."] * 20, score=2)
    Response.objects.filter(pk__in=[row.pk for row in good[:40]]).update(
        properties={"plan": "Growth"}
    )
    drain()
    return survey


def get(api: Caller, path: str) -> Any:
    reply = api.get(f"surveys/nps/{path}")
    assert reply.status_code == 200, reply.json()
    return reply.json()


def test_the_score_is_the_dashboards(api: Caller, answered: Survey) -> None:
    body = get(api, "score?period=30d")
    expected = score_of(answered, period_named("30d"))
    assert body["score"]["value"] == expected.value == 50.0
    assert body["score"]["n"] == 80
    assert expected.interval is not None
    assert body["score"]["interval"]["low"] == expected.interval.low
    assert (body["survey"], body["segment"]) == ("nps", "")


def test_the_score_of_a_segment_is_the_segments(api: Caller, answered: Survey) -> None:
    body = get(api, "score?period=30d&segment=growth")
    assert (body["score"]["value"], body["score"]["n"]) == (100.0, 40)
    assert get(api, "report?period=30d&segment=growth")["score"]["n"] == 40


def test_the_report_holds_what_the_dashboard_shows(api: Caller, answered: Survey) -> None:
    body, report = get(api, "report"), survey_report(answered, period_named("13w"))
    assert body["score"]["value"] == report.score.value
    assert body["change"]["n_after"] == report.change.n_after
    assert [row["count"] for row in body["bands"]] == [60, 0, 20]
    assert {row["score"]: row["count"] for row in body["scores"]}[2] == 20
    assert len(body["points"]) == len(report.trend.points)
    assert body["sentiment"]["comments"] == 80
    assert {row["theme"] for row in body["themes"]} >= {"support", "delivery"}
    assert body["segments"][0]["segment"] == "growth"


def test_trend_and_distribution_are_parts_of_the_report(api: Caller, answered: Survey) -> None:
    report = get(api, "report")
    assert get(api, "trend")["points"] == report["points"]
    distribution = get(api, "distribution")
    assert (distribution["bands"], distribution["n"]) == (report["bands"], 80)


def test_no_answers_is_null_with_a_reason_not_zero(api: Caller) -> None:
    a_survey("nps")
    assert (get(api, "score")["score"]["value"], get(api, "score")["score"]["reason"]) == (
        None, "no_responses",
    )  # fmt: skip


def test_the_days_asked_for_are_said_again(api: Caller, answered: Survey) -> None:
    body = get(api, "score?from=2026-01-01&to=2026-01-31")
    assert (body["start"], body["last"], body["score"]["n"]) == ("2026-01-01", "2026-01-31", 0)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("period=week", "period"),
        ("from=2026-13-01", "from"),
        ("from=2026-02-01&to=2026-01-01", "from"),
        ("from=0001-01-01", "from"),
        ("segment=unknown", "segment"),
        ("segment=%00", "segment"),
        ("since=2026-01-01", "since"),
    ],
)
def test_days_that_make_no_sense_are_refused(api: Caller, query: str, place: str) -> None:
    a_survey("nps")
    for name in ("score", "trend", "distribution", "report"):
        reply = api.get(f"surveys/nps/{name}?{query}")
        assert reply.status_code == 400
        assert place in error_of(reply)["fields"]


def test_queries_do_not_grow_with_answers(
    api: Caller, answered: Survey, drain: Callable[[], int]
) -> None:
    def queries() -> int:
        TallyStamp.objects.all().delete()  # what is kept asks no queries at all
        with CaptureQueriesContext(connection) as found:
            get(api, "report")
        return len(found)

    queries()
    few = queries()
    answers(answered, ["Fine"] * 50, score=9)
    drain()
    assert queries() == few
