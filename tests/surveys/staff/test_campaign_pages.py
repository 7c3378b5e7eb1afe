"""A campaign accounts for everybody, and a person decides what is doubtful."""

import pytest
from django.urls import reverse

from outbox.models import Job
from surveys.campaigns import State
from surveys.models import (
    Campaign,
)
from tests.surveys import worlds
from tests.surveys.staff.sending import go

pytestmark = pytest.mark.django_db


def test_a_campaign_says_that_its_states_add_up(staff_client, audience):
    go(staff_client, audience)
    campaign = Campaign.objects.get()
    html = staff_client.get(reverse("staff:campaign", args=[campaign.pk])).content.decode()
    assert "2 waiting + 1 suppressed = <b>3</b>" in html
    assert "unsubscribed" in html


def test_what_waits_can_be_cancelled(staff_client, audience):
    go(staff_client, audience)
    campaign = Campaign.objects.get()
    address = reverse("staff:campaign-cancel", args=[campaign.pk])
    assert "Spare 2 people the mail?" in staff_client.get(address).content.decode()
    staff_client.post(address)
    assert campaign.invitations.filter(state=State.CANCELLED).count() == 2


def test_doubtful_mails_are_decided_by_a_person(staff_client, audience):
    go(staff_client, audience)
    campaign = Campaign.objects.get()
    one, two = campaign.invitations.filter(state=State.WAITING).order_by("pk")
    campaign.invitations.filter(state=State.WAITING).update(state=State.DOUBTFUL)
    Job.objects.filter(kind="deliver").update(state=Job.State.DOUBTFUL)
    page = reverse("staff:campaign", args=[campaign.pk])
    assert "2 mails need your decision" in staff_client.get(page).content.decode()
    decide = reverse("staff:campaign-decide", args=[campaign.pk])
    staff_client.post(decide, {"do": "sent"})
    assert campaign.invitations.filter(state=State.DOUBTFUL).count() == 2
    staff_client.post(decide, {"do": "sent", "invitation": [one.pk, "x"]})
    staff_client.post(decide, {"do": "again", "invitation": [two.pk]})
    assert list(campaign.invitations.order_by("pk").values_list("state", flat=True)[:2]) == [
        State.SENT, State.WAITING,
    ]  # fmt: skip


def test_mails_of_another_campaign_are_not_decided_here(staff_client, audience):
    go(staff_client, audience)
    campaign = Campaign.objects.get()
    stranger = worlds.invitation(audience, worlds.contact("eve"), state=State.DOUBTFUL)
    staff_client.post(
        reverse("staff:campaign-decide", args=[campaign.pk]),
        {"do": "sent", "invitation": [stranger.pk]},
    )
    stranger.refresh_from_db()
    assert stranger.state == State.DOUBTFUL
