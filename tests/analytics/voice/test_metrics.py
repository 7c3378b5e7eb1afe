"""What customers say as metrics: one count, whichever way it is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.periods import Period, today
from analytics.scores import combining, heard
from analytics.scores.tallies import recount
from analytics.success.catalogue import METRICS, facts_of_months, measure, months_to, series
from analytics.success.kept import value_of
from feedback.models import Response
from outbox.days import zone
from surveys.models import Invitation, Segment
from tests.feedback.making import a_survey, answers
from tests.surveys.calling import caller

pytestmark = pytest.mark.django_db
SLUGS = ("net-sentiment", "theme-share", "emotion-share", "survey-response-rate")
GOOD, BAD = "The support was wonderful, thank you!", "The support was terrible and slow."


@pytest.fixture
def told(drain):
    """Two surveys: 12 glad, 6 angry, 2 with a word, 4 without; held ones; in three months."""
    first, second = a_survey("relation"), a_survey("support", kind="csat")
    rows = answers(first, [GOOD] * 7 + [BAD] * 6 + ["ok"] * 2 + [""] * 4, score=8)
    rows += answers(second, [GOOD] * 5, score=5)
    held = answers(first, [BAD] * 3, score=0)
    Response.objects.filter(pk__in=[row.pk for row in held]).update(standing="quarantined")
    noon = datetime.combine(today(), datetime.min.time(), zone()) + timedelta(minutes=5)
    for number, row in enumerate(Response.objects.order_by("pk")):
        at = noon - timedelta(days=13 * (number % 5))
        row.properties = {"plan": "Growth" if number % 3 else "Scale"}
        row.submitted_at, row.submitted_date = at, at.date()
        row.save(update_fields=["properties", "submitted_at", "submitted_date"])
        Invitation.objects.filter(pk=row.invitation_id).update(sent_at=at)
    drain()
    days = [today() - timedelta(days=n) for n in range(70)]
    for survey in (first, second):
        recount(survey.pk, days)
    return Period(today() - timedelta(days=69), today() + timedelta(days=1))


def segment(slug, **condition):
    made = Segment.objects.create(slug=slug, name=slug.title())
    if condition:
        made.conditions.create(**condition)


def test_net_sentiment_counts_held_answers_and_empty_ones_not(told):
    found = value_of("net-sentiment", told)
    assert (found.parts["positive"], found.parts["negative"]) == (12, 6)
    assert found.n == 18 + found.parts["neutral"] + found.parts["mixed"]
    assert found.value == pytest.approx(100 * 6 / found.n)
    assert found.interval.low < found.value < found.interval.high


def test_theme_shares_count_a_comment_once_and_each_theme_apart(told):
    found = value_of("theme-share", told)
    support = found.parts["by_theme"]["support"]
    assert (found.numerator, found.denominator, support["count"]) == (18, 20, 18)
    assert found.parts["comment_rate"] == 20 / 24
    assert sum(part["count"] for part in found.parts["by_theme"].values()) >= found.numerator


def test_emotions_recognised_and_none_add_to_all_comments(told):
    found = value_of("emotion-share", told)
    assert found.numerator + found.parts["without"] == found.denominator == 20
    assert found.parts["by_emotion"]["gratitude"]["count"] == 12


def test_the_response_rate_leaves_out_what_was_not_delivered(told):
    asked = Invitation.objects.filter(response__standing="quarantined")
    Invitation.objects.filter(pk=asked.first().pk).update(state="bounced")
    for survey in set(Response.objects.values_list("survey_id", flat=True)):
        recount(survey, [today() - timedelta(days=n) for n in range(70)])
    found = value_of("survey-response-rate", told)
    assert (found.numerator, found.denominator) == (24, 26)
    assert found.parts["of_all_sent"] == 24 / 27


def test_months_add_up_to_the_whole_and_cost_no_more_questions(told, django_assert_num_queries):
    facts = facts_of_months(told, 4)
    with django_assert_num_queries(3):
        months = {slug: series(METRICS[slug], facts, months_to(told, 4)) for slug in SLUGS}
    for slug in SLUGS:
        whole = measure(METRICS[slug], facts, told)
        assert sum(r.n for _p, r in months[slug]) == whole.n


def test_a_segment_of_everybody_is_the_whole_and_parts_add_up(told):
    segment("all", property="plan", operator="is_not", value="nothing")
    for name in ("Growth", "Scale"):
        segment(name.lower(), property="plan", operator="is", value=name)
    for survey in set(Response.objects.values_list("survey_id", flat=True)):
        recount(survey, [today() - timedelta(days=n) for n in range(70)])
    for slug in SLUGS[:3]:
        whole = value_of(slug, told)
        same = value_of(slug, told, segment="all")
        assert (same.value, same.n, same.parts) == (whole.value, whole.n, whole.parts)
        parts = [value_of(slug, told, segment=name).n for name in ("growth", "scale")]
        assert sum(parts) == whole.n


def test_a_segment_too_large_to_count_on_the_spot_says_so(told, monkeypatch):
    segment("all", property="plan", operator="is_not", value="nothing")
    for survey in set(Response.objects.values_list("survey_id", flat=True)):
        recount(survey, [today() - timedelta(days=n) for n in range(70)])
    monkeypatch.setattr(heard, "COMBINE_UP_TO", 3)
    found = value_of("theme-share", told, segment="all")
    assert (found.value, found.reason) == (None, "too_many_to_combine")
    assert combining.COMBINE_UP_TO > 3


def test_nobody_asked_nothing_said_is_null_with_a_reason(db):
    days = Period(today(), today() + timedelta(days=1))
    reasons = [value_of(slug, days).reason for slug in SLUGS]
    assert reasons == ["no_responses", "no_responses", "no_responses", "no_population"]


def test_few_answers_are_not_shown(drain):
    answers(a_survey("relation"), [GOOD] * 4, score=9)
    drain()
    days = Period(today() - timedelta(days=1), today() + timedelta(days=1))
    found = value_of("net-sentiment", days)
    assert (found.value, found.reason) == (None, "too_few_to_show")


def test_what_had_not_happened_at_that_time_is_left_out(told):
    early = value_of("theme-share", told, as_of=timezone.now() - timedelta(days=20))
    assert 0 < early.n < 20


def test_value_months_segments_and_definition_over_rest(told):
    api = caller("read")
    days = f"from={told.start}&to={told.last}"
    for slug in SLUGS:
        one = api.get(f"metrics/{slug}?{days}").json()
        assert one["value"] == value_of(slug, told).value
        assert one["needs"] == []
        points = api.get(f"metrics/{slug}/series?{days}&months=4").json()["points"]
        assert sum(point["n"] for point in points) == one["n"]
        everybody = api.get(f"metrics/{slug}/segments?{days}").json()["values"][0]
        assert (everybody["value"], everybody["parts"]) == (one["value"], one["parts"])
    assert set(SLUGS) <= {row["metric"] for row in api.get("metrics").json()}


def test_the_pages_show_surveys_themes_and_steps_behind(told, staff_client):
    days = f"?from={told.start}&to={told.last}"
    pages = {
        slug: staff_client.get(reverse("staff:metric", args=[slug]) + days).content.decode()
        for slug in SLUGS
    }
    assert "Comments by survey" in pages["net-sentiment"]
    assert "theme=support" in pages["theme-share"]
    assert "none recognised" in pages["emotion-share"].lower()
    assert "How far invitations came" in pages["survey-response-rate"]
    overview = staff_client.get(reverse("staff:metrics") + days).content.decode()
    assert "Net sentiment" in overview
    assert "No facts about customers yet" in overview
