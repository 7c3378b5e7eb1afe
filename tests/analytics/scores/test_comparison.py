"""Two sides of a survey: differences with intervals, and mix against within."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.periods import period_named
from analytics.scores import comparison_words as words
from analytics.scores.comparison import OTHERS, compare
from analytics.scores.grouping import REST
from analytics.scores.reports import score_of
from analytics.scores.slices import WHOLE, Slice
from feedback.models import Response
from surveys.models import Segment, Survey
from tests.analytics.scores.making import tallied
from tests.feedback.making import a_survey, answers
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db
QUARTER = period_named("13w")
BEFORE = QUARTER.before
GROWTH, START = Slice(segment="growth"), Slice(segment="start")


def text_of(response: object) -> str:
    body = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.fixture
def survey() -> Survey:
    return a_survey("nps")


@pytest.fixture
def plans() -> None:
    for name in ("Growth", "Start"):
        segment = Segment.objects.create(slug=name.lower(), name=name)
        segment.conditions.create(property="plan", operator="is", value=name)


def in_plan(survey: Survey, plan: str, counts: dict[int, int], *, is_before: bool = False) -> None:
    day = BEFORE.start if is_before else QUARTER.start
    tallied(survey, counts, day=day, facet="segment", key=plan)


def whole(survey: Survey, counts: dict[int, int], *, is_before: bool = False) -> None:
    tallied(survey, counts, day=BEFORE.start if is_before else QUARTER.start)


def simpson(survey: Survey) -> None:
    """Both plans rise by 10, the whole falls: the weaker plan answers more (mix-001's shape)."""
    in_plan(survey, "growth", {10: 70, 0: 20}, is_before=True)
    in_plan(survey, "start", {10: 3, 0: 7}, is_before=True)
    whole(survey, {10: 73, 0: 27}, is_before=True)
    in_plan(survey, "growth", {10: 25, 0: 5})
    in_plan(survey, "start", {10: 30, 0: 40})
    whole(survey, {10: 55, 0: 45})


def test_mix_and_within_are_all_of_the_difference(survey: Survey, plans: None) -> None:
    simpson(survey)
    found = compare(survey, (BEFORE, WHOLE), (QUARTER, WHOLE))
    (mix,) = found.mixes
    assert found.change.delta == pytest.approx(-36.0) and found.is_real
    assert mix.whole.total == pytest.approx(-36.0)
    assert mix.whole.mix + mix.whole.within == pytest.approx(-36.0)
    assert mix.whole.within > 0 and {row.key for row in mix.rows} == {"growth", "start"}
    assert "other people answered: inside the groups by plan it rose" in words.mix_finding(
        mix, "points"
    )
    assert "Inside every group B is higher." in words.mix_sentence(mix, "points")


def test_who_is_in_no_segment_is_a_group_and_small_groups_stay_unseen(
    survey: Survey, plans: None
) -> None:
    in_plan(survey, "growth", {10: 40})
    in_plan(survey, "start", {10: 3})
    whole(survey, {10: 60})
    whole(survey, {0: 50}, is_before=True)
    (mix,) = compare(survey, (BEFORE, WHOLE), (QUARTER, WHOLE)).mixes
    assert {row.key: row.b.n for row in mix.rows} == {"growth": 40, REST: 17, OTHERS: 3}


def test_two_segments_are_compared_by_their_own_answers(
    survey: Survey, plans: None, drain: Callable[[], int]
) -> None:
    good = answers(survey, ["The support was wonderful."] * 40, score=10)
    bad = answers(survey, ["The price is terrible."] * 40, score=1)
    for rows, plan in ((good, "Growth"), (bad, "Start")):
        Response.objects.filter(pk__in=[row.pk for row in rows]).update(properties={"plan": plan})
    drain()
    found = compare(survey, (QUARTER, START), (QUARTER, GROWTH))
    assert (found.change.delta, found.shared, found.is_real) == (200.0, 0, True)
    assert found.a.score.value == score_of(survey, QUARTER, part=START).value == -100.0
    assert found.themes and found.themes[0].is_real
    assert {band.key: band.change.delta for band in found.bands}["promoter"] == 1.0


def test_sides_that_share_answers_are_not_tested(survey: Survey, drain: Callable[[], int]) -> None:
    answers(survey, ["Fine"] * 40, score=10)
    answers(survey, ["Bad"] * 40, score=1, at=timezone.now() - timedelta(days=20))
    drain()
    found = compare(survey, (QUARTER, WHOLE), (period_named("7d"), WHOLE))
    assert (found.shared, found.is_real, found.is_tested) == (40, False, False)
    assert "40 answers are on both sides" in words.shared_sentence(found)


def test_the_dashboard_leads_to_its_comparison_in_one_click(
    survey: Survey, plans: None, staff_client: Client
) -> None:
    simpson(survey)
    page = staff_client.get(reverse("staff:survey", args=["nps"])).content.decode()
    address = re.search(r'href="(/admin/surveys/nps/compare/\?[^"]+)"', page)
    assert address
    shown = text_of(staff_client.get(address[1].replace("&amp;", "&")))
    assert "scores 36 lower than" in shown and "Of the difference of −36.0" in shown
    assert "inside the groups by plan it rose" in shown


def test_the_api_says_the_same(survey: Survey, plans: None) -> None:
    simpson(survey)
    found = compare(survey, (BEFORE, WHOLE), (QUARTER, WHOLE))
    body = caller("read").get("surveys/nps/compare?b_period=13w").json()
    assert body["change"]["delta"] == found.change.delta and body["is_real"]
    assert body["mixes"][0]["mix"] == found.mixes[0].whole.mix
    assert body["a"]["start"] == str(BEFORE.start) and body["b"]["last"] == str(QUARTER.last)


def test_a_bad_side_is_named(survey: Survey, staff_client: Client) -> None:
    for query, name in (
        ("a_segment=x", "a_segment"),
        ("b_from=x", "b_from"),
        ("period=7d", "period"),
    ):
        reply = caller("read").get(f"surveys/nps/compare?{query}")
        assert reply.status_code == 400 and name in error_of(reply)["fields"]
    page = staff_client.get(
        reverse("staff:compare", args=["nps"]) + "?a_segment=x&b_from=x&a_theme=%00"
    )
    assert page.status_code == 200 and "no segment “x”" in text_of(page)


def test_nothing_on_a_side_is_said(survey: Survey, staff_client: Client) -> None:
    assert "one side has no answers" in text_of(
        staff_client.get(reverse("staff:compare", args=["nps"]))
    )


def test_queries_do_not_grow_with_answers(
    survey: Survey, plans: None, staff_client: Client, drain: Callable[[], int]
) -> None:
    address = reverse("staff:compare", args=["nps"]) + "?a_segment=growth&b_segment=start"

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert staff_client.get(address).status_code == 200
        return len(found)

    for plan in ("Growth", "Start"):
        rows = answers(survey, ["The support was slow."] * 6, score=4)
        Response.objects.filter(pk__in=[r.pk for r in rows]).update(properties={"plan": plan})
    drain()
    few = queries()
    rows = answers(survey, ["The support was great.", "The price is fair."] * 30, score=9)
    Response.objects.filter(pk__in=[r.pk for r in rows]).update(properties={"plan": "Start"})
    drain()
    assert queries() == few
