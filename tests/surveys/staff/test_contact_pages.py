"""One contact: stopped and allowed on record, asked again from a day."""

import pytest
from django.urls import reverse

from surveys.models import (
    Contact,
    Suppression,
)
from tests.surveys import worlds

pytestmark = pytest.mark.django_db


def test_mail_to_a_contact_is_stopped_and_allowed_on_record(staff_client, audience):
    ada = Contact.objects.get(email="ada@example.com")
    page = reverse("staff:contact", args=[ada.pk])
    staff_client.post(reverse("staff:contact-stop", args=[ada.pk]))
    assert "Gets no survey mail" in staff_client.get(page).content.decode()
    staff_client.post(reverse("staff:contact-allow", args=[ada.pk]), {"why": "asked by phone"})
    row = Suppression.objects.get(email=ada.email)
    assert (row.reason, row.source, row.lifted_by) == ("by_staff", "alice", "alice")
    assert "lifted" in staff_client.get(page).content.decode()


def test_a_contact_s_page_says_when_it_may_be_asked_again(staff_client, audience):
    ada = Contact.objects.get(email="ada@example.com")
    worlds.invitation(audience, ada, days_ago=10)
    html = staff_client.get(reverse("staff:contact", args=[ada.pk])).content.decode()
    assert "asked by this survey not long ago" in html
    assert "again from" in html
