from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from analytics.periods import period_named, today
from analytics.scores import combining
from analytics.scores.reports import home_report, score_of, survey_report
from analytics.scores.slices import Slice, read_slice
from feedback.models import Response
from surveys.models import Segment, SegmentCondition, Survey
from tests.analytics.scores.making import asked, tallied
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db
GROWTH = Slice(segment="growth")
QUARTER = period_named("13w")
LONG_AGO = QUARTER.before.start + timedelta(days=3)


@pytest.fixture
def survey() -> Survey:
    return a_survey()


@pytest.fixture
def growth() -> Segment:
    segment = Segment.objects.create(slug="growth", name="Growth plan")
    SegmentCondition.objects.create(segment=segment, property="plan", value="Growth")
    return segment


def test_the_score_counts_only_its_period(survey: Survey) -> None:
    tallied(survey, {10: 30, 7: 10, 2: 10})
    tallied(survey, {0: 500}, day=QUARTER.start - timedelta(days=1))
    result = score_of(survey, QUARTER)
    assert (result.value, result.n, result.period) == (40.0, 50, str(QUARTER))


def test_both_ends_of_the_period_are_counted(survey: Survey) -> None:
    for day in (QUARTER.start, QUARTER.last):
        tallied(survey, {10: 5}, day=day)
    tallied(survey, {10: 5}, day=QUARTER.stop)
    assert score_of(survey, QUARTER).n == 10


def test_no_answers_are_null_with_a_reason(survey: Survey) -> None:
    result = score_of(survey, QUARTER)
    assert (result.value, result.status, result.reason) == (None, "null", "no_responses")


def test_fewer_than_five_answers_are_withheld(survey: Survey) -> None:
    tallied(survey, {10: 4})
    assert score_of(survey, QUARTER).reason == "too_few_to_show"


def test_a_segment_has_its_own_score(survey: Survey, growth: Segment) -> None:
    tallied(survey, {10: 50, 0: 50})
    tallied(survey, {10: 30}, facet="segment", key="growth")
    result = score_of(survey, QUARTER, part=GROWTH)
    assert (result.value, result.n, result.segment) == (100.0, 30, "growth")


def test_an_unknown_segment_is_named() -> None:
    with pytest.raises(LookupError, match="nobody"):
        read_slice({"segment": "nobody"})


def test_machine_votes_are_counted_apart_and_said_what_they_would_change(survey: Survey) -> None:
    tallied(survey, {10: 20, 0: 20})
    tallied(survey, {10: 40}, facet="quarantined")
    head = survey_report(survey, QUARTER).headline
    assert (head.score.value, head.held, head.received) == (0.0, 40, 80)
    assert head.with_held.value == 50.0


def test_a_change_compares_with_the_equally_long_time_before(survey: Survey) -> None:
    tallied(survey, {10: 75, 7: 40, 2: 25})
    tallied(survey, {10: 48, 7: 42, 2: 30}, day=LONG_AGO)
    change = survey_report(survey, QUARTER).change
    # npschg-001 of the published worked cases
    assert change.delta == pytest.approx(20.714, abs=0.001)
    assert change.p_value == pytest.approx(0.034, abs=0.001)


def test_the_same_numbers_come_from_tallies_and_from_the_answers_of_a_segment(
    survey: Survey, growth: Segment, drain: object
) -> None:
    """Everybody in one segment: what is combined on the spot equals what was tallied."""
    for score, comment in (
        (9, "The app is great"),
        (2, "Support is terrible"),
        (5, "fine"),
        (8, ""),
    ):
        rows = answers(survey, [comment] * 6, score=score)
        Response.objects.filter(pk__in=[r.pk for r in rows]).update(properties={"plan": "Growth"})
        for row in rows:
            row.invitation.properties = {"plan": "Growth"}
            row.invitation.save(update_fields=["properties"])
    drain()  # type: ignore[operator]
    whole, part = survey_report(survey, QUARTER), survey_report(survey, QUARTER, part=GROWTH)
    assert part.sentiment == whole.sentiment and part.funnel == whole.funnel
    assert part.themes == whole.themes and whole.themes
    assert (part.score.value, part.bands) == (whole.score.value, whole.bands)


def test_a_segment_too_large_to_combine_has_no_themes_but_a_score(
    survey: Survey, growth: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    tallied(survey, {10: 50})
    tallied(survey, {10: 50}, facet="segment", key="growth")
    monkeypatch.setattr(combining, "COMBINE_UP_TO", 49)
    report = survey_report(survey, QUARTER, part=GROWTH)
    assert (report.themes, report.sentiment, report.score.n) == (None, None, 50)


def test_the_funnel_takes_bounced_and_doubtful_out_of_the_reached(survey: Survey) -> None:
    asked(survey, sent=1000, bounced=80, doubtful=20, opened=500, answered=225, commented=100)
    funnel = survey_report(survey, QUARTER).funnel
    assert funnel and funnel.delivered == 900
    assert funnel.rate.value == 0.25


def test_nobody_invited_is_no_rate(survey: Survey) -> None:
    assert survey_report(survey, QUARTER).funnel is None


def test_bands_and_distribution_add_up_to_n(survey: Survey) -> None:
    tallied(survey, {10: 3, 9: 4, 8: 2, 0: 1})
    report = survey_report(survey, QUARTER)
    assert sum(band.count for band in report.bands) == report.score.n == 10
    assert sum(item.count for item in report.distribution) == 10
    assert [item.score for item in report.distribution] == list(range(11))


@pytest.mark.parametrize("kind, counts, value", [
    ("csat", {5: 6, 4: 2, 1: 2}, 0.8),
    ("ces", {7: 5, 4: 5}, 0.5),
    ("stars_five", {5: 5, 4: 5}, 4.5),
    ("thumbs", {1: 9, 0: 1}, 0.9),
    ("pmf", {3: 4, 2: 3, 1: 3}, 0.4),
])  # fmt: skip
def test_every_kind_is_scored_in_its_own_unit(
    kind: str, counts: dict[int, int], value: float
) -> None:
    survey = a_survey(f"of-{kind}", kind=kind)
    tallied(survey, counts)
    assert survey_report(survey, QUARTER).score.value == pytest.approx(value)


def test_small_weeks_are_joined_and_the_last_may_stay_short(survey: Survey) -> None:
    for week in range(5):
        tallied(survey, {9: 6}, day=today() - timedelta(weeks=week))
    points = survey_report(survey, QUARTER).trend.points
    assert [(point.n, point.is_short) for point in points] == [(12, False), (12, False), (6, True)]


def test_a_lasting_fall_raises_an_alarm_in_the_period(survey: Survey) -> None:
    for week in range(26):
        good = {10: 30, 7: 15, 3: 5} if week >= 8 else {10: 10, 7: 15, 3: 25}
        tallied(survey, good, day=today() - timedelta(weeks=week))
    trend = survey_report(survey, QUARTER).trend
    assert trend.alarms and trend.alarms[0][1].direction == "down"


def test_home_puts_the_score_that_really_moved_first() -> None:
    calm, moved, tiny = a_survey("calm"), a_survey("moved"), a_survey("tiny")
    tallied(calm, {10: 300, 0: 100})
    tallied(calm, {10: 300, 0: 100}, day=LONG_AGO)
    tallied(moved, {10: 50, 0: 50})
    tallied(moved, {10: 90, 0: 10}, day=LONG_AGO)
    tallied(tiny, {10: 3})
    assert [row.headline.survey.slug for row in home_report(QUARTER).rows] == [
        "moved", "calm", "tiny",
    ]  # fmt: skip


def test_home_and_survey_page_say_the_same(survey: Survey) -> None:
    tallied(survey, {10: 40, 7: 30, 2: 20})
    tallied(survey, {10: 40, 7: 30, 2: 40}, day=LONG_AGO)
    asked(survey, sent=400, answered=90)
    (row,) = home_report(QUARTER).rows
    report = survey_report(survey, QUARTER)
    assert row.headline == report.headline
    assert row.funnel == report.funnel and row.trend == report.trend


def test_home_leaves_drafts_and_closed_surveys_without_answers_out(survey: Survey) -> None:
    Survey.objects.create(slug="draft", name="Draft", kind="nps", brand=survey.brand)
    closed = a_survey("closed")
    Survey.objects.filter(pk=closed.pk).update(status=Survey.Status.CLOSED)
    assert [row.headline.survey for row in home_report(QUARTER).rows] == [survey]


def test_reports_ask_as_few_queries_of_much_as_of_little(
    survey: Survey, growth: Segment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for days in range(0, 180, 15):
        day = today() - timedelta(days=days)
        for facet, key in (("all", ""), ("segment", "growth"), ("sentiment", "positive")):
            tallied(survey, {10: 3, 9: 2, 0: 1}, day=day, facet=facet, key=key)
        for theme in range(20):
            tallied(survey, {10: 1}, day=day, facet="theme", key=f"theme-{theme}")
    # On a Sunday quarters are whole weeks, and the days at their edges need not be read.
    with django_assert_max_num_queries(8):
        survey_report(survey, QUARTER)
    with django_assert_max_num_queries(13):
        survey_report(survey, QUARTER, part=GROWTH)
    for number in range(5):
        tallied(a_survey(f"other-{number}"), {10: 30})
    with django_assert_max_num_queries(7):
        home_report(QUARTER)
    with django_assert_max_num_queries(2):
        score_of(survey, QUARTER)


def test_answers_just_given_are_in_the_score_after_the_work_is_done(
    survey: Survey, drain: object
) -> None:
    answers(survey, ["Great"] * 8, score=10, at=timezone.now())
    drain()  # type: ignore[operator]
    assert score_of(survey, QUARTER).n == 8
