from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.figures import count_text, interval_text, value_text
from analytics.periods import period_named, today
from analytics.scores.reports import survey_report
from outbox.models import Job
from surveys.models import Segment, SegmentCondition, Survey
from tests.analytics.scores.making import asked, tallied
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db
QUARTER = period_named("13w")


@pytest.fixture
def survey() -> Survey:
    return a_survey("partners")


def text_of(response: object) -> str:
    """Return the words of a page as one line, markup taken out."""
    body = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", " ", body))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_charlie_without_an_account_is_asked_to_log_in(client: Client, survey: Survey) -> None:
    for address in (reverse("staff:home"), reverse("staff:survey", args=[survey.slug])):
        response = client.get(address)
        assert response.status_code == 302 and "login" in response["Location"]


def test_bob_on_the_team_without_the_right_to_see_surveys_gets_403(
    client: Client, survey: Survey
) -> None:
    bob = get_user_model().objects.create_user("bob", password="x", is_staff=True)
    client.force_login(bob)
    assert client.get(reverse("staff:survey", args=[survey.slug])).status_code == 403
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    assert client.get(reverse("staff:survey", args=[survey.slug])).status_code == 200


def test_a_fresh_installation_is_shown_the_first_steps(staff_client: Client) -> None:
    words = text_of(staff_client.get("/admin/"))
    assert "Four steps to the first answer" in words
    assert "Write a survey" in words and "Nothing waits for anybody" in words


def test_the_page_shows_the_numbers_of_the_report(staff_client: Client, survey: Survey) -> None:
    tallied(survey, {10: 140, 8: 60, 3: 51})
    tallied(survey, {10: 100, 8: 60, 3: 90}, day=QUARTER.before.start)
    tallied(survey, {10: 100, 8: 60, 3: 41}, facet="channel", key="email")
    tallied(survey, {10: 40, 3: 10}, facet="channel", key="link")
    asked(survey, sent=1000, bounced=10, answered=251, commented=99, opened=500)
    report = survey_report(survey, QUARTER)
    words = text_of(staff_client.get(reverse("staff:survey", args=[survey.slug])))
    assert value_text(report.score.value, "points") in words
    assert interval_text(report.score) in words
    assert interval_text(report.score, is_exact=True) in words  # in Explain
    assert f"n {count_text(report.score.n)}" in words
    assert "140 of 251 (55.8\u00a0%) − 51 of 251 (20.3\u00a0%)" in words
    assert "25.4\u00a0% of delivered" in words
    # A score over several channels says so.
    assert "Pooled over channels: E-mail 80\u00a0% (n 201) , Share link 20\u00a0% (n 50)" in words
    home = text_of(staff_client.get("/admin/"))
    assert value_text(report.score.value, "points") in home and interval_text(report.score) in home
    assert "up 31, real" in home and "up 31, real" in words


@pytest.mark.parametrize("kind", [
    "nps", "csat", "ces", "enps", "csat3", "ces5", "stars_five", "smileys", "thumbs", "pmf",
])  # fmt: skip
def test_every_kind_has_a_page_with_much_and_with_nothing(staff_client: Client, kind: str) -> None:
    survey = a_survey(f"of-{kind}", kind=kind)
    address = reverse("staff:survey", args=[survey.slug])
    assert "no answers yet" in text_of(staff_client.get(address))
    for weeks in range(20):
        counts = dict.fromkeys(survey.scale.scores, 6)
        tallied(survey, counts, day=today() - timedelta(weeks=weeks))
    assert "no clear change" in text_of(staff_client.get(address))


def test_a_segment_and_a_period_are_part_of_the_address(
    staff_client: Client, survey: Survey
) -> None:
    growth = Segment.objects.create(slug="growth", name="Growth plan")
    SegmentCondition.objects.create(segment=growth, property="plan", value="Growth")
    tallied(survey, {10: 90})
    tallied(survey, {0: 40}, facet="segment", key="growth")
    address = reverse("staff:survey", args=[survey.slug])
    page = staff_client.get(f"{address}?segment=growth&period=7d")
    assert "−100" in text_of(page) and "7 days" in text_of(page)
    assert b"segment=growth" in page.content
    gone = staff_client.get(f"{address}?segment=nobody")
    assert gone.status_code == 302
    assert "no segment “nobody”" in staff_client.get(gone["Location"]).content.decode()


def test_a_time_that_cannot_be_is_said_and_the_default_taken(
    staff_client: Client, survey: Survey
) -> None:
    page = staff_client.get(f"{reverse('staff:survey', args=[survey.slug])}?from=yesterday")
    assert page.status_code == 200 and "could not be understood" in text_of(page)


def test_a_survey_called_like_a_model_page_is_found_beside_it(staff_client: Client) -> None:
    survey = a_survey("contact")
    address = reverse("staff:survey", args=["contact"])
    assert address == "/admin/surveys/~contact/"
    assert survey.name in text_of(staff_client.get(address))


def test_a_hostile_comment_is_shown_as_text(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    hostile = '<div x-data x-init="alert(1)">bad</div><script>alert(1)</script>{{ 7*7 }} terrible'
    survey.name = "<b x-data>Evil</b>"
    survey.save()
    answers(survey, [hostile] * 6, score=1)
    drain()  # type: ignore[operator]
    for address in ("/admin/", reverse("staff:survey", args=[survey.slug])):
        body = staff_client.get(address).content.decode()
        assert "&lt;div x-data x-init=" in body and "<div x-data" not in body
        assert "<script>alert" not in body and "<b x-data>" not in body


def test_own_pages_carry_the_strict_policy(staff_client: Client, survey: Survey) -> None:
    for address in ("/admin/", reverse("staff:survey", args=[survey.slug]), "/admin/responses/"):
        page = staff_client.get(address)
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        body = page.content.decode()
        assert " style=" not in body and "<style" not in body
        assert not re.search(r"\son[a-z]+=", body) and "javascript:" not in body


def test_pages_ask_as_few_queries_of_much_as_of_little(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    answers(survey, ["Support is terrible"] * 6, score=2)
    drain()  # type: ignore[operator]
    pages = ["/admin/", reverse("staff:survey", args=[survey.slug])]
    few = [queries_of(staff_client, page) for page in pages]
    for weeks in range(30):
        comments = ["Support is terrible", "The price is great", "Login fails", "so so"] * 5
        answers(survey, comments, score=weeks % 11, at=_weeks_ago(weeks))
    drain()  # type: ignore[operator]
    many = [queries_of(staff_client, page) for page in pages]
    assert many == few
    assert max(many) <= 30


def _weeks_ago(weeks: int):
    from django.utils import timezone

    return timezone.now() - timedelta(weeks=weeks)


def test_stuck_work_stands_on_the_home_page(staff_client: Client, survey: Survey) -> None:
    answers(survey, ["never read"], score=5)
    hour_ago = _weeks_ago(0) - timedelta(hours=1)
    Job.objects.update(due_at=hour_ago)
    words = text_of(staff_client.get("/admin/"))
    assert "No worker is running" in words
    Job.objects.update(state=Job.State.DEAD)
    words = text_of(staff_client.get("/admin/"))
    assert "One piece of work was given up" in words and "No worker is running" not in words
