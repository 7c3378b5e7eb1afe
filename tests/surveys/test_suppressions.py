"""Who gets no survey mail: of one survey or of any, by whom and why, and the way back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from outbox.drain import drain
from surveys.audience import Audience, Source, plan
from surveys.models import Campaign, Invitation, Suppression
from surveys.services import DELIVER, invite, is_suppressed, suppress, token_of
from tests.surveys.calling import caller, error_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
State = Invitation.State
BY_STAFF = Suppression.Reason.BY_STAFF


def test_a_stop_for_one_survey_leaves_the_others_alone(db):
    first, second = survey("first"), survey("second")
    suppress("ada@example.com", reason=BY_STAFF, source="alice", survey=first)
    assert is_suppressed("ada@example.com", survey=first)
    assert not is_suppressed("ada@example.com", survey=second)
    assert not is_suppressed("ada@example.com")


def test_sending_and_planning_agree_about_the_scope(settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    ada, stopped, free = contact("ada"), survey("stopped"), survey("free")
    suppress(ada.email, reason=BY_STAFF, source="alice", survey=stopped)
    everyone = Audience(Source.EVERYONE)
    assert [plan(s, everyone).will for s in (stopped, free)] == [0, 1]
    for asks in (stopped, free):
        invite(asks, [ada], campaign=Campaign.objects.create(name="c", survey=asks))
    drain(DELIVER)
    states = dict(Invitation.objects.values_list("survey__slug", "state"))
    assert states == {"stopped": State.SKIPPED, "free": State.SENT}


def test_a_person_can_stop_only_this_survey_and_go_back(client):
    asks, other = survey("one"), survey("other")
    ada = contact("ada")
    url = f"/s/{token_of(invitation(asks, ada))}/unsubscribe"
    page = client.post(url, {"do": "stop-this"}).content.decode()
    assert "gets no more mail of this survey" in page
    assert "Stop all survey emails" in page
    assert is_suppressed(ada.email, survey=asks)
    assert not is_suppressed(ada.email, survey=other)
    client.post(url, {"do": "keep"})
    assert not is_suppressed(ada.email, survey=asks)
    row = Suppression.objects.get()
    assert (row.survey, row.lifted_by) == (asks, "the person")


def test_the_api_stops_mail_of_one_survey_and_says_so():
    api, asks = caller(), survey("one")
    made = api.post("suppressions", {"email": "ada@example.com", "survey": "one"})
    assert (made.status_code, made.json()["survey"]) == (201, "one")
    assert (
        api.post("suppressions", {"email": "ada@example.com", "survey": "one"}).status_code == 200
    )
    assert api.post("suppressions", {"email": "ada@example.com"}).status_code == 201
    assert len(api.get("suppressions?survey=one").json()["results"]) == 1
    assert is_suppressed("ada@example.com", survey=asks)
    wrong = api.post("suppressions", {"email": "ben@example.com", "survey": "none"})
    assert wrong.status_code == 422
    assert "survey" in error_of(wrong)["fields"]


def test_lifting_over_the_api_keeps_who_when_and_why():
    api = caller()
    made = api.post("suppressions", {"email": "ada@example.com"}).json()
    lifted = api.post(f"suppressions/{made['id']}/lift", {"why": "asked by phone"}).json()
    assert (lifted["lifted_by"], lifted["lifted_why"]) == ("API key test", "asked by phone")
    assert lifted["lifted_at"]


def test_staff_must_say_why_mail_is_allowed_again(staff_client):
    ada = contact("ada")
    suppress(ada.email, reason=Suppression.Reason.UNSUBSCRIBED, source="page")
    url = reverse("staff:contact-allow", args=[ada.pk])
    answer = staff_client.post(url, {"why": " "}, follow=True)
    assert "Say why" in answer.content.decode()
    assert is_suppressed(ada.email)
    staff_client.post(url, {"why": "called on Monday"})
    row = Suppression.objects.get()
    assert (row.lifted_by, row.lifted_why) == ("alice", "called on Monday")
    page = staff_client.get(reverse("staff:contact", args=[ada.pk])).content.decode()
    assert "called on Monday" in page
