"""The people behind the funnel: as many as its steps say, each leading to the answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.periods import period_named, today
from analytics.scores.single import funnel_of
from analytics.scores.survey_panels import step_counts
from analytics.scores.tallies import recount_funnels
from feedback.models import LinkOpen, Response
from surveys.models import Contact, Invitation, Segment, SegmentCondition, Survey
from surveys.services import new_invitation
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db
QUARTER = period_named("13w")
YESTERDAY = timedelta(days=1)


@pytest.fixture
def survey() -> Survey:
    return a_survey("partners")


def ask(survey: Survey, *, state: str = "sent", is_opened: bool = False) -> Invitation:
    number = Invitation.objects.count()
    contact = Contact.objects.create(email=f"ann{number}@x.test", properties={"plan": "pro"})
    channel = Invitation.Channel.EMAIL
    row = new_invitation(survey, contact=contact, channel=channel, state=state)
    row.sent_at = timezone.now() - YESTERDAY
    row.save()
    if is_opened:
        LinkOpen.objects.create(invitation=row, method="GET", at=timezone.now())
    return row


def count(survey: Survey) -> None:
    recount_funnels(survey.pk, [today() - timedelta(days=n) for n in range(4, -1, -1)])


def page(client: Client, survey: Survey, **query: str) -> str:
    address = reverse("staff:asked", args=[survey.slug])
    response = client.get(address, {"period": "13w", **query})
    assert response.status_code == 200
    return response.content.decode()


def lines(body: str) -> int:
    return len(re.findall(r"<th scope=\"row\"", body))


def test_every_step_lists_as_many_people_as_it_counts(staff_client: Client, survey: Survey) -> None:
    answers(survey, ["Great app", "", "Too slow"], asked_before=YESTERDAY)
    answers(survey, ["Opens all links"], asked_before=YESTERDAY)
    Response.objects.filter(comment="Opens all links").update(standing="quarantined")
    ask(survey, is_opened=True), ask(survey), ask(survey, state="bounced")
    ask(survey, state="doubtful")
    count(survey)
    funnel = funnel_of(survey, QUARTER)
    assert funnel is not None
    expected = {"sent": 8, "delivered": 6, "opened": 4, "answered": 3, "commented": 2}
    assert step_counts(funnel) == expected
    for step, n in expected.items():
        assert lines(page(staff_client, survey, step=step)) == n, step


def test_a_step_of_the_survey_page_leads_to_its_people_and_they_to_their_answers(
    staff_client: Client, survey: Survey
) -> None:
    [response] = answers(survey, ["Too slow"], asked_before=YESTERDAY)
    count(survey)
    dashboard = staff_client.get(reverse("staff:survey", args=[survey.slug])).content.decode()
    found = re.search(r'href="([^"]+step=answered)"', dashboard)
    assert found is not None
    body = staff_client.get(found[1].replace("&amp;", "&")).content.decode()
    assert reverse("staff:response", args=[response.pk]) in body and "Too slow" in body


def test_older_pages_go_on_where_the_newer_ended(staff_client: Client, survey: Survey) -> None:
    answers(survey, [f"comment {n}" for n in range(61)], asked_before=YESTERDAY)
    first = page(staff_client, survey)
    assert lines(first) == 50
    older = re.search(r'class="link" href="([^"]+before=[^"]+)"', first)
    assert older is not None
    second = staff_client.get(older[1].replace("&amp;", "&")).content.decode()
    assert lines(second) == 11
    seen = re.findall(r"comment (\d+)<", first + second)
    assert sorted(map(int, seen)) == list(range(61))


def test_a_segment_holds_only_its_own_and_nonsense_is_named(
    staff_client: Client, survey: Survey
) -> None:
    segment = Segment.objects.create(slug="pro", name="Pro")
    SegmentCondition.objects.create(segment=segment, property="plan", value="pro")
    Invitation.objects.filter(pk=ask(survey).pk).update(properties={"plan": "pro"})
    answers(survey, ["Great"], asked_before=YESTERDAY)
    assert lines(page(staff_client, survey, segment="pro")) == 1
    assert lines(page(staff_client, survey, step="nonsense", before="x\x00-y")) == 2
    address = reverse("staff:asked", args=[survey.slug])
    refused = staff_client.get(address, {"segment": "none"}, follow=True)
    assert "There is no segment" in refused.content.decode()


def test_bob_may_not_read_answers_here_either(client: Client, survey: Survey) -> None:
    bob = get_user_model().objects.create_user("bob", password="x", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    client.force_login(bob)
    assert client.get(reverse("staff:asked", args=[survey.slug])).status_code == 403
