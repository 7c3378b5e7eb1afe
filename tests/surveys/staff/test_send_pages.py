"""Who gets it, who does not, one campaign however often it is pressed."""

from uuid import uuid4

import pytest
from django.urls import reverse

from surveys.models import (
    Campaign,
    Contact,
    Invitation,
    Survey,
)
from tests.surveys import worlds
from tests.surveys.staff.sending import go

pytestmark = pytest.mark.django_db


def test_the_page_says_who_gets_it_and_who_does_not(staff_client, audience):
    address = reverse("staff:send", args=[audience.slug])
    html = staff_client.get(address, {"source": "everyone"}).content.decode()
    assert "2 of 3 people get a mail" in html
    assert "Send to 2 people" in html
    assert "cara@example.com" in html and "unsubscribed" in html
    assert "Send to" not in staff_client.get(address).content.decode()


def test_choosing_leads_to_an_address_that_can_be_shared(staff_client, audience):
    address = reverse("staff:send", args=[audience.slug])
    response = staff_client.post(address, {"source": "everyone", "plan": ""})
    assert response.url == f"{address}?source=everyone"


def test_sending_makes_one_campaign_however_often_it_is_pressed(staff_client, audience):
    token = str(uuid4())
    pages = {go(staff_client, audience, token=token).url for _ in range(3)}
    campaign = Campaign.objects.get()
    assert pages == {reverse("staff:campaign", args=[campaign.pk])}
    assert campaign.created_by.username == "alice"
    states = campaign.invitations.values_list("state", flat=True)
    assert sorted(states) == ["skipped", "waiting", "waiting"]


def test_typed_addresses_are_planned_and_sent(staff_client, audience):
    address = reverse("staff:send", args=[audience.slug])
    text = "ada@example.com\nDan <dan@example.com>\nnonsense"
    html = staff_client.post(address, {"source": "addresses", "addresses": text}).content.decode()
    assert "2 of 3 people get a mail" in html
    assert Contact.objects.count() == 3
    go(staff_client, audience, source="addresses", addresses=text)
    assert Contact.objects.get(email="dan@example.com").name == "Dan"
    assert Campaign.objects.get().audience_size == 3


def test_an_audience_that_changed_is_shown_again_instead_of_asked(staff_client, audience):
    worlds.contact("dan")
    response = go(staff_client, audience)
    assert response.status_code == 200
    assert "has changed since you looked" in response.content.decode()
    assert Campaign.objects.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "forged"},
        {"source": "vibes"},
        {"source": "segment", "segment": "9" * 30},
        {"will": "x"},
    ],
)
def test_a_forged_form_asks_nobody(staff_client, audience, changes):
    assert go(staff_client, audience, **changes).status_code in (200, 302)
    assert Campaign.objects.count() == 0


def test_a_survey_that_is_not_live_leads_to_its_check_list(staff_client, audience):
    Survey.objects.update(status="closed")
    response = go(staff_client, audience)
    assert response.url == reverse("staff:survey-live", args=[audience.slug])
    assert Campaign.objects.count() == 0


def test_a_test_mail_goes_to_me_and_stores_nothing(staff_client, audience, mailoutbox):
    address = reverse("staff:send-test", args=[audience.slug])
    staff_client.post(address, {"to": "alice@example.com"})
    (mail,) = mailoutbox
    assert mail.to == ["alice@example.com"]
    assert mail.subject.startswith("[Test]")
    assert Invitation.objects.count() == 0
    page = staff_client.post(address, {"to": "nobody"}, follow=True)
    assert "is not an e-mail address" in page.content.decode()


def test_a_mail_server_that_is_away_is_said(staff_client, audience, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    address = reverse("staff:send-test", args=[audience.slug])
    page = staff_client.post(address, {"to": "alice@example.com"}, follow=True)
    assert "The mail server did not take the test: ConnectionRefusedError" in page.content.decode()


def test_links_that_nobody_could_open_are_warned_of(staff_client, audience, settings):
    address = reverse("staff:send", args=[audience.slug])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.BASE_URL = "http://localhost:8000"
    assert "Set BASE_URL" in staff_client.get(address).content.decode()
    settings.BASE_URL = "https://ask.example.com"
    assert "Set BASE_URL" not in staff_client.get(address).content.decode()


def test_asking_a_segment_first_leads_through_the_choice_of_survey(staff_client, world):
    address = reverse("staff:campaign-new") + "?source=segment&segment=1"
    response = staff_client.get(address)
    assert (
        response.url == reverse("staff:send", args=["relationship"]) + "?source=segment&segment=1"
    )
    worlds.survey("second")
    assert "source=segment&amp;segment=1" in staff_client.get(address).content.decode()
