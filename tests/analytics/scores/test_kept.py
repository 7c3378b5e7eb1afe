"""Reports and cards are kept while their tallies stand, and never show anything but now."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.periods import period_named, today
from analytics.scores.models import Snapshot, TallyStamp
from analytics.scores.reports import survey_report
from analytics.scores.tallies import recount
from feedback.models import Response, Theme
from surveys.models import Survey
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db
QUARTER = period_named("13w")


@pytest.fixture
def survey(drain: object) -> Survey:
    survey = a_survey("kept")
    answers(survey, ["The support was wonderful, thank you!"] * 30, score=10)
    answers(survey, ["The support was terrible."] * 10, score=0)
    answers(survey, ["All invoices were wrong."] * 20, score=8)
    drain()  # type: ignore[operator]
    return survey


def page(client: Client, survey: Survey, **query: str) -> str:
    answer = client.get(reverse("staff:survey", args=[survey.slug]), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_second_visit_counts_nothing_and_says_the_same(
    staff_client: Client, survey: Survey
) -> None:
    for address in (reverse("staff:survey", args=[survey.slug]), reverse("staff:home")):
        first, second = queries_of(staff_client, address), queries_of(staff_client, address)
        assert second <= first - 3  # on a Sunday the first counts whole weeks only
    first_page, second_page = page(staff_client, survey), page(staff_client, survey)
    assert first_page == second_page and "+33" in second_page


def test_an_answer_counted_in_between_is_on_the_next_page(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    assert "+33" in page(staff_client, survey)
    answers(survey, [""] * 10, score=0)
    drain()  # type: ignore[operator]
    assert "30 of 70" in page(staff_client, survey)
    Response.objects.filter(score=0).update(standing=Response.Standing.QUARANTINED)
    recount(survey.pk, [today()])
    assert "30 of 50" in page(staff_client, survey)
    assert "50 answers" in staff_client.get("/admin/").content.decode()


def test_new_names_show_at_once(staff_client: Client, survey: Survey) -> None:
    assert Theme.objects.get(slug="support").name in page(staff_client, survey)
    Theme.objects.filter(slug="support").update(name="Helping hands")
    assert "Helping hands" in page(staff_client, survey)
    Survey.objects.filter(pk=survey.pk).update(name="Renamed", status=Survey.Status.CLOSED)
    renamed = page(staff_client, survey)
    assert "Renamed" in renamed and "Closed" in renamed
    assert "Renamed" in staff_client.get("/admin/").content.decode()


def test_another_language_theme_or_right_gets_other_cards(
    staff_client: Client, survey: Survey
) -> None:
    english = page(staff_client, survey)
    german = staff_client.get(
        reverse("staff:survey", args=[survey.slug]), headers={"accept-language": "de"}
    ).content.decode()
    assert "Promoters, 9–10" in english and "Promoters, 9–10" not in german
    chosen = staff_client.get(reverse("staff:survey", args=[survey.slug]), {"feed": "support"})
    assert 'class="chosen"' in chosen.content.decode()
    assert (
        'class="chosen"'
        not in staff_client.get(
            reverse("staff:survey", args=[survey.slug]), {"feed": "none"}
        ).content.decode()
    )


def test_a_month_closed_in_between_is_in_the_table(staff_client: Client, survey: Survey) -> None:
    page(staff_client, survey)
    first = today().replace(day=1)
    Snapshot.objects.create(survey=survey, month=first, value=12, n=34, zone="UTC")
    assert "closed at +12 (n 34)" in page(staff_client, survey)


def test_nothing_is_kept_of_tallies_without_a_stamp(survey: Survey) -> None:
    assert survey_report(survey, QUARTER).basis is not None
    TallyStamp.objects.all().delete()
    assert survey_report(survey, QUARTER).basis is None


def test_every_recount_draws_another_stamp(survey: Survey) -> None:
    stamps = set()
    for _ in range(3):
        recount(survey.pk, [date(2026, 1, 1)])
        stamps.add(TallyStamp.objects.get(pk=survey.pk).stamp)
    assert len(stamps) == 3


def test_who_may_not_see_revenue_gets_no_link_to_it(client: Client, survey: Survey) -> None:
    bob = get_user_model().objects.create_user("bob", password="x", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    client.force_login(bob)
    assert "What these themes cost" not in page(client, survey)
    bob.user_permissions.add(Permission.objects.get(codename="view_subscriptionstate"))
    client.force_login(type(bob).objects.get(pk=bob.pk))
    assert "What these themes cost" in page(client, survey)
    bob.user_permissions.remove(Permission.objects.get(codename="view_subscriptionstate"))
    assert "What these themes cost" not in page(client, survey)


def test_the_score_on_the_home_page_leads_to_its_explanation(
    staff_client: Client, survey: Survey
) -> None:
    address = reverse("staff:survey", args=[survey.slug])
    assert f'href="{address}#explained"' in staff_client.get("/admin/").content.decode()
    assert 'id="explained"' in staff_client.get(address).content.decode()
